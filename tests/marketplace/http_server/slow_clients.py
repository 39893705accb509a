"""Clients that never come to an end: half a header, half a body, half a chunk, or a response that they do not read.

Each sends (or reads) a byte each time it is its turn, and opens another connection when the server has ended its own.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

from demo.embedded.ports import HOST

TURN_SECONDS = 0.5
"""Seconds in which each client has its turn once."""
RECEIVE_BUFFER = 4096
FORM_HEADER = b"Content-Type: application/x-www-form-urlencoded\r\n"


def half_header(_path: str) -> bytes:
    return b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


def half_body(path: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n"
    return head.encode() + FORM_HEADER + b"\r\nusername="


def half_chunk(path: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    return head.encode() + FORM_HEADER + b"\r\n4000\r\nusername="


def unread_response(path: str) -> bytes:
    """Several requests at once: their answers are more than the buffers of two sockets hold."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 4


KINDS: dict[str, Callable[[str], bytes]] = {
    "half headers": half_header,
    "half bodies": half_body,
    "half chunks": half_chunk,
    "unread responses": unread_response,
}


class SlowClients:
    """`with SlowClients(...)` holds `count` connections of one kind until the block ends."""

    def __init__(self, port: int, kind: str, count: int, *, path: str) -> None:
        self._port, self._kind = port, kind
        self._count = count
        self._first = KINDS[kind](path)
        self._open: list[socket.socket] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._take_turns, name="slow clients", daemon=True)
        self.reopened = 0
        """How many connections the server has ended so far."""

    def __enter__(self) -> Self:
        self._open = [self._connect() for _ in range(self._count)]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for one in self._open:
            one.close()

    @property
    def is_reading(self) -> bool:
        return self._kind == "unread responses"

    def _connect(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if self.is_reading:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        made.settimeout(0.2)
        with contextlib.suppress(OSError):
            made.connect((HOST, self._port))
            made.sendall(self._first)
        made.setblocking(False)
        return made

    def _take_turns(self) -> None:
        while not self._stop.is_set():
            for number, one in enumerate(self._open):
                if self._stop.wait(TURN_SECONDS / self._count):
                    return
                if not self._take_turn(one):
                    one.close()
                    self.reopened += 1
                    self._open[number] = self._connect()

    def _take_turn(self, one: socket.socket) -> bool:
        """Takes its turn; False when the server has ended the connection."""
        try:
            if self.is_reading:
                return bool(one.recv(1))
            one.send(b"a")
            return one.recv(1, socket.MSG_PEEK) is None  # an answer, or the end: both end the turn
        except BlockingIOError:
            return True
        except OSError:
            return False
