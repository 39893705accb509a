"""A client's connection with time limits for waitress's reading and writing."""

import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge

from kernel.client_networks import get_client_network

LINGER_SECONDS = 2.0
"""Seconds in which what a refused client still sends is read and dropped, so that it gets to see the answer."""


class RequestParser(HTTPRequestParser):
    def received(self, data: bytes) -> int:
        """Answer `Expect: 100-continue` with the refusal when the header is refused."""
        known = int(super().received(data))
        if self.error:
            self.expect_continue = False
        return known


class _LoggedTask:
    """Reports each request for the access log."""

    sent = 0

    def service(self) -> None:
        began = time.monotonic()
        try:
            super().service()  # type: ignore[misc]
        finally:
            self.channel.server.worker.note_request(self, timedelta(seconds=time.monotonic() - began))  # type: ignore[attr-defined]

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        super().write(data)  # type: ignore[misc]


class Task(_LoggedTask, WSGITask):
    """Runs the application for one request."""


class OversizedTask(Task):
    """Lets the application refuse a body that the server did not keep: it sees the length and nothing else."""

    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        least = self.channel.adj.max_request_body_size
        environment["CONTENT_LENGTH"] = str(max(self.request.content_length, least))
        self.set_close_on_finish()
        return environment


class RefusalTask(_LoggedTask, ErrorTask):
    """Answers a malformed request."""


def create_refusal_task(channel: "Channel", request: Any) -> Any:
    channel.is_refused = True
    if not isinstance(request.error, RequestEntityTooLarge):
        return RefusalTask(channel, request)
    request.body_rcv = None
    return OversizedTask(channel, request)


class Channel(HTTPChannel):
    """`is_overdue` is asked each second by the listener, which then closes it."""

    parser_class = RequestParser
    task_class = Task
    error_task_class = staticmethod(create_refusal_task)
    requests: list[Any]
    is_refused = False
    closes_after_response = False

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002 - waitress names it
        self.waiting_since = time.monotonic()
        """Start of the current wait, on the monotonic clock."""
        self.has_responded = False
        self.client_network = get_client_network(str(addr[0])) or str(addr[0])
        self.body_transfer, self.response_transfer = TransferWindow(), TransferWindow()
        self.sent_bytes = 0
        self.limits: Limits = server.limits
        self.linger_until = 0.0
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def is_waiting(self) -> bool:
        """Whether it is the client's turn: to send a request, or to read a response."""
        return not self.requests or bool(self.total_outbufs_len)

    @property
    def is_idle(self) -> bool:
        """Kept open after a response, with nothing of the next request."""
        return (
            self.has_responded and not self.requests and not self.total_outbufs_len and self.request is None
        )

    @property
    def buffered_bytes(self) -> int:
        body = self.request.body_bytes_received if self.request is not None else 0
        return int(body + self.total_outbufs_len)

    def is_overdue(self, now: float) -> bool:
        if self.linger_until:
            return now > self.linger_until
        if self.total_outbufs_len:
            self.waiting_since = now
            return self.response_transfer.is_too_slow(now, self.sent_bytes, self.limits)
        self.response_transfer.reset()
        if self.requests:
            self.waiting_since = now
            return False
        if self.request is not None and self.request.headers_finished:
            return self.body_transfer.is_too_slow(now, self.request.body_bytes_received, self.limits)
        patience = self.server.worker.cfg.keepalive if self.is_idle else self.limits.header_seconds
        return bool(now > self.waiting_since + patience)

    def received(self, data: bytes) -> bool:
        if self.is_idle:
            self.waiting_since = time.monotonic()
        known: bool = super().received(data)
        if self.request is None or not self.request.headers_finished:
            self.body_transfer.reset()
        if len(self.requests) > 1:
            # Of pipelined requests, answer the first with `Connection: close`. Else a thread would wait with
            # the second until the client has read the response to the first.
            with self.requests_lock:
                self.closes_after_response = True
                first, *others = self.requests
                first.headers["CONNECTION"] = "close"
                for other in others:
                    other.close()
                self.requests = [first]
        return known

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress's own
        sent: int = super().send(data, do_close=do_close)
        self.sent_bytes += sent
        return sent

    def service(self) -> None:
        super().service()
        self.has_responded, self.waiting_since = True, time.monotonic()
        if self.closes_after_response:
            self.close_when_flushed = True
            self.server.pull_trigger()

    def readable(self) -> bool:
        return bool(self.linger_until or super().readable())

    def writable(self) -> bool:
        return bool(not self.linger_until and super().writable())

    def handle_read(self) -> None:
        if not self.linger_until:
            super().handle_read()
        else:
            self.recv(self.adj.recv_bytes)  # which closes at the end of what comes

    def handle_close(self) -> None:
        """For a refused client, close only our half first: closing with unread bytes would discard the response."""
        if self.is_refused and not self.linger_until and self.connected:
            self.will_close = False
            self.linger_until = time.monotonic() + LINGER_SECONDS
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.drop()
            return
        super().handle_close()

    def drop(self) -> None:
        """Close at once, and release a thread that waits to write."""
        if self.request is not None:
            self.request.close()
        super().handle_close()


@dataclass(frozen=True)
class Limits:
    """Limits of one server process, in seconds and bytes."""

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
    """All unfinished requests and unread responses together."""
    unread_bytes: int = 4 * 1024 * 1024
    """The unread part of one response; what streams more waits until the client has read some of it."""
    socket_buffer_bytes: int = 256 * 1024
    """A response in the system's own buffer: a fast client far away still gets megabytes a second."""


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
