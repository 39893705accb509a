"""The locked, private folder with the state of one demo or test run."""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path
from typing import IO

from demo.embedded.child_process import EmbeddedError

# A unix socket's path has room for 107 bytes; the longest name we put there is PostgreSQL's lock file.
MAX_SOCKET_FOLDER_BYTES = 80


class StateFolder:
    """`path` (0700) with `logs`, `pids`, `secrets` (0700) and `sockets`; one user at a time by a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: IO[str] | None = None

    def acquire(self) -> None:
        """Locks the folder before any child starts; refuses in one line when another has it."""
        make_private_folder(self.path)
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise EmbeddedError(
                f"{self.path} is in use by process {holder}: stop it with Ctrl-C, or give another folder with --state.",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        self._make_subfolders()

    def _make_subfolders(self) -> None:
        for name in ("logs", "pids", "secrets"):
            make_private_folder(self.path / name)

    def wipe(self) -> None:
        """Removes all state; the folder stays taken. Its services must have been stopped."""
        for place in (self.sockets, self.nobody_folder):
            shutil.rmtree(place, ignore_errors=True)
        for found in self.path.iterdir():
            if found.is_dir():
                shutil.rmtree(found)
            elif found.name != "lock":
                found.unlink()
        self._make_subfolders()

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def is_acquired(self) -> bool:
        return self._lock is not None

    @property
    def sockets(self) -> Path:
        """`<path>/run`, or a short folder of the temporary directory where that is too long."""
        own = self.path / "run"
        if len(os.fsencode(own)) <= MAX_SOCKET_FOLDER_BYTES:
            return make_private_folder(own)
        return make_private_folder(Path(tempfile.gettempdir()) / f"meshmarket-{os.getuid()}-{self._digest}")

    @property
    def nobody_folder(self) -> Path:
        """Where PostgreSQL's data lies when root must hand it to `nobody`, who cannot enter `path`."""
        return Path("/var/lib") / f"meshmarket-{self._digest}"

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    def log_file(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"

    def get_secret(self, name: str) -> str:
        """The secret of that name: made at its first use, kept in a 0600 file."""
        file = self.path / "secrets" / name
        if not file.exists():
            write_private_file(file, secrets.token_urlsafe(24))
        return file.read_text()


def make_private_folder(path: Path) -> Path:
    """Makes `path` a folder that only this user can enter; refuses somebody else's."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EmbeddedError(f"{path} belongs to somebody else: give another folder with --state.")
    path.chmod(0o700)
    return path


def write_private_file(file: Path, text: str) -> None:
    """Writes a 0600 file in one step, so that nobody reads half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    draft.replace(file)
