"""Contents of large S3 objects, each in a file of its own beside the snapshot.

A file is named by the content, written once and never changed. Each snapshot names those that it needs; the others are
removed once that snapshot is in place, so that the one before stays whole until then.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

FOLDER = "mocklake.contents"
SMALLEST = 65_536
"""In bytes. A smaller content is part of the snapshot: a file of its own takes longer to write than its bytes."""
_read_from: ContextVar[Path] = ContextVar("read_from")


class Contents:
    """The files that one snapshot names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self.names: set[str] = set()
        self.written: list[str] = []
        remove_half_written(self._folder)

    def has(self, name: str) -> bool:
        """Whether it is written; it is needed from now on."""
        known = name in self.names or (self._folder / name).exists()
        self.names.add(name)
        return known

    def write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        fresh = self._folder / f"{name}.{os.getpid()}.new"
        _write_synced(fresh, content)
        fresh.replace(self._folder / name)
        self.written.append(name)

    def sync(self) -> None:
        if self.names:
            sync_folder(self._folder)


def undo(folder: Path, written: Iterable[str]) -> None:
    """Removes what a snapshot that failed wrote, which would keep a full disk full."""
    remove_half_written(folder / FOLDER)
    for name in written:
        (folder / FOLDER / name).unlink(missing_ok=True)


def remove_half_written(folder: Path) -> None:
    """What a process that was killed, or a full disk, left."""
    for path in folder.glob("*.new"):
        path.unlink(missing_ok=True)


@contextmanager
def contents_of(folder: Path) -> Iterator[None]:
    """Where `read` finds the contents of the snapshot that is read meanwhile."""
    token = _read_from.set(folder / FOLDER)
    try:
        yield
    finally:
        _read_from.reset(token)


def read(name: str) -> bytes:
    return (_read_from.get() / name).read_bytes()


def remove_unused(folder: Path, names: Iterable[str]) -> None:
    """Removes all but these."""
    used = set(names)
    for path in (folder / FOLDER).glob("*"):
        if path.name not in used:
            path.unlink(missing_ok=True)


def _write_synced(path: Path, content: bytes) -> None:
    with open(path, "wb", opener=open_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
