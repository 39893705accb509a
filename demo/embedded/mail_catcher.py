"""The demo's mail server: takes every mail and sends none. Each becomes a file that the demo's page shows.

`python -m demo.embedded.mail_catcher PORT FOLDER`. It speaks as much of SMTP (RFC 5321) as Django's client does, to this machine alone.
"""

import itertools
import os
import socketserver
import sys
from pathlib import Path
from typing import cast

HOST = "127.0.0.1"
LARGEST = 2_000_000
"""Bytes of one mail."""
KEPT = 200
"""Mails; older ones go."""
ANSWERS = {
    b"EHLO": b"250 demo",
    b"HELO": b"250 demo",
    b"MAIL": b"250 ok",
    b"RCPT": b"250 ok",
    b"RSET": b"250 ok",
    b"NOOP": b"250 ok",
}


class Catcher(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._numbers = itertools.count(max((number_of(file) for file in caught(folder)), default=0) + 1)
        super().__init__((HOST, port), Talk)

    def keep(self, mail: bytes) -> None:
        """Under its number, whole or not at all; the oldest make room."""
        number = next(self._numbers)
        part = self.folder / f"{number:06}.part"
        part.write_bytes(mail)
        part.replace(part.with_suffix(".eml"))
        for old in caught(self.folder)[KEPT:]:
            old.unlink(missing_ok=True)


class Talk(socketserver.StreamRequestHandler):
    """One client."""

    timeout = 30

    def handle(self) -> None:
        self._say(b"220 demo")
        while line := self.rfile.readline(2000):
            verb = line[:4].upper()
            if verb == b"QUIT":
                self._say(b"221 bye")
                return
            if verb == b"DATA":
                self._say(b"354 go on")
                mail = self._mail()
                if mail is None:
                    return
                cast("Catcher", self.server).keep(mail)
                self._say(b"250 kept")
            else:
                self._say(ANSWERS.get(verb, b"502 not here"))

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def _mail(self) -> bytes | None:
        """Up to the line with a dot alone; None when the client went away, or says too much."""
        lines: list[bytes] = []
        size = 0
        while line := self.rfile.readline(LARGEST):
            if line in {b".\r\n", b".\n"}:
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
            size += len(line)
            if size > LARGEST:
                return None
        return None


def caught(folder: Path) -> list[Path]:
    """Newest first."""
    return sorted(folder.glob("*.eml"), reverse=True)


def number_of(file: Path) -> int:
    return int(file.stem)


if __name__ == "__main__":
    os.umask(0o077)
    with Catcher(int(sys.argv[1]), Path(sys.argv[2])) as server:
        server.serve_forever()
