"""The demo's mail server: takes every mail and sends none. Each becomes a file that the demo's page shows.

`python -m demo.embedded.mail_catcher PORT FOLDER`, for this machine alone.
"""

import itertools
import os
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
MAX_MAIL_BYTES = 2_000_000
"""Bytes of one mail."""
MAX_MAILS = 200
"""Mails; older ones go."""
TIMEOUT = 30.0


class MailHandler:
    """Handler of aiosmtpd."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._numbers = itertools.count(
            max((get_mail_number(file) for file in list_caught_mails(folder)), default=0) + 1
        )

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self._store(envelope.content)
        return "250 kept"

    def _store(self, mail: bytes) -> None:
        """Under its number, whole or not at all; the oldest make room."""
        part = self.folder / f"{next(self._numbers):06}.part"
        part.write_bytes(mail)
        part.replace(part.with_suffix(".eml"))
        for old in list_caught_mails(self.folder)[MAX_MAILS:]:
            old.unlink(missing_ok=True)


def make_mail_server(port: int, folder: Path) -> Controller:
    """Serves in a thread of its own from `start()` to `stop()`."""
    return Controller(
        MailHandler(folder),
        HOST,
        port,
        server_hostname="demo",
        data_size_limit=MAX_MAIL_BYTES,
        timeout=TIMEOUT,
    )


def list_caught_mails(folder: Path) -> list[Path]:
    """Newest first."""
    return sorted(folder.glob("*.eml"), reverse=True)


def get_mail_number(file: Path) -> int:
    return int(file.stem)


if __name__ == "__main__":
    os.umask(0o077)
    make_mail_server(int(sys.argv[1]), Path(sys.argv[2])).start()
    threading.Event().wait()
