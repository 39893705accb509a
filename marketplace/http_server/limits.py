"""Limits of the time and memory that one client may use. Pure."""

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
    connections_per_address: int = 300
    """Connections of one address that the server waits for; 0 for any number."""
    buffered_bytes: int = 64 * 1024 * 1024
    """Of all unfinished requests and unread responses together."""
    unread_bytes: int = 4 * 1024 * 1024
    """Of one response; what streams more waits until the client has read some of it."""
    socket_buffer_bytes: int = 256 * 1024
    """Of a response in the system's own buffer: a fast client far away still gets megabytes a second."""


@dataclass
class TransferWindow:
    """Progress of a transfer in the current time window; `started_at` is 0 while there is none."""

    started_at: float = 0.0
    start_bytes: int = 0

    def reset(self) -> None:
        self.started_at = 0.0

    def is_too_slow(self, now: float, transferred: int, limits: Limits) -> bool:
        """`transferred` is the total so far. Evaluated at the end of each window."""
        if not self.started_at:
            self.started_at, self.start_bytes = now, transferred
        if now < self.started_at + limits.transfer_seconds:
            return False
        moved, least = transferred - self.start_bytes, limits.bytes_per_second * limits.transfer_seconds
        self.started_at, self.start_bytes = now, transferred
        return moved < least
