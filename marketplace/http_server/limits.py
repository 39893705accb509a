"""How long the server waits for a client, and how much of it it keeps. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Of one server process; seconds and bytes."""

    header_seconds: float = 10.0
    """From the connection, or the first byte of a later request, to the end of the header."""
    transfer_seconds: float = 10.0
    """In each such stretch a body or a response ends, or moves on by `bytes_per_second` at least."""
    bytes_per_second: float = 4096.0
    body_bytes: int = 1024 * 1024
    header_bytes: int = 32 * 1024
    connections: int = 500
    per_address: int = 300
    """Connections of one address that the server waits for; 0 for any number."""
    waiting_bytes: int = 64 * 1024 * 1024
    """Of all unfinished requests and unread responses together."""
    unread_bytes: int = 4 * 1024 * 1024
    """Of one response; what streams more waits until the client has read some of it."""
    system_bytes: int = 256 * 1024
    """Of a response in the system's own buffer: a fast client far away still gets megabytes a second."""


@dataclass
class Stretch:
    """Of a transfer that is watched; `began` is 0 while there is none."""

    began: float = 0.0
    done: int = 0

    def end(self) -> None:
        self.began = 0.0

    def is_too_slow(self, now: float, done: int, limits: Limits) -> bool:
        """`done` is what was transferred so far, from any point on. Judged at the end of each stretch."""
        if not self.began:
            self.began, self.done = now, done
        if now < self.began + limits.transfer_seconds:
            return False
        moved, least = done - self.done, limits.bytes_per_second * limits.transfer_seconds
        self.began, self.done = now, done
        return moved < least
