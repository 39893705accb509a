"""State on disk: one file, replaced as a whole, so that a kill at any moment leaves the old or the new one.

A child process writes: it is forked under the lock, which takes milliseconds, and has the state as it was then, while
the calls go on. Per-store marks of what changed would write less, but each handler would have to set them, and one
forgotten would lose state without a word. Large contents of S3 objects, which never change, lie beside it and are not
written again.

A file is named by the content, written once and never changed. Each snapshot names those that it needs; the others are
removed once that snapshot is in place, so that the one before stays whole until then.
"""

import copyreg
import gc
import io
import json
import logging
import os
import pickle
import select
import signal
import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from mocklake import moto_bridge
from mocklake.world import World

FILE = "mocklake.snapshot"
FORMAT = 6
"""Raised when stored classes change, so that an old file is refused and not half understood."""
LONGEST_SECONDS = 600
"""After which a process that writes is ended."""
_REPORT = 3
"""The child's file descriptor for its report."""
log = logging.getLogger("mocklake")
FOLDER = "mocklake.contents"
SMALLEST = 65_536
"""In bytes. A smaller content is part of the snapshot: a file of its own takes longer to write than its bytes."""
_read_from: ContextVar[Path] = ContextVar("read_from")
_LOCKS = (type(threading.RLock()), type(threading.Lock()))


class UnreadableSnapshotError(Exception):
    """The text says which file, and what to do."""


class SnapshotError(Exception):
    """A snapshot could not be written; `trace` says where, `written` which contents were."""

    def __init__(self, reason: str, trace: str = "", written: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.trace, self.written = trace, list(written)


def read_snapshot(folder: Path) -> World | None:
    """The world of the last snapshot, moto's part put in place; None for a new folder.

    Raises UnreadableSnapshotError for a file of another format, or when a content is missing.

    The file is our own, in a folder that only we can read: that is what makes unpickling it safe.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with use_contents(folder):
            state = pickle.loads(path.read_bytes())  # noqa: S301
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, OSError) as error:
        raise UnreadableSnapshotError(f"{path} cannot be read; remove it to begin anew") from error
    if state.get("format") != FORMAT:
        raise UnreadableSnapshotError(f"{path} has another format; remove it to begin anew")
    moto_bridge.load(state["moto"])
    world: World = state["world"]
    return world


def write_snapshot(folder: Path, world: World) -> None:
    """While all calls wait: at the end, when there are none. Raises SnapshotError."""
    fresh = folder / f"{FILE}.new"
    with world.lock, _undo_if_it_fails(fresh):
        _put_in_place(folder, fresh, _write(fresh, world))


def write_apart(folder: Path, world: World) -> None:
    """By a child process, while calls go on. Raises SnapshotError.

    The file is put in place here and not by the child: one that outlives a killed mocklake must not overwrite
    what the next one has written, nor remove it.
    """
    fresh = folder / f"{FILE}.{os.getpid()}.new"
    with _undo_if_it_fails(fresh):
        _put_in_place(folder, fresh, _write_in_child(fresh, world))


@contextmanager
def _undo_if_it_fails(fresh: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SnapshotError(_describe_error(error), traceback.format_exc()) from error
    except SnapshotError as error:
        fresh.unlink(missing_ok=True)
        undo_contents(fresh.parent, error.written)
        raise


def _write_in_child(fresh: Path, world: World) -> list[str]:
    """The names of the contents that the snapshot needs."""
    ours, childs = os.pipe()
    with os.fdopen(ours, "rb") as report, os.fdopen(childs, "wb") as reported:
        with world.lock:
            child = os.fork()
        if child == 0:
            _end_as_child(fresh, world, childs)
        reported.close()
        content = _read_report(report, child)
    _, status = os.waitpid(child, 0)
    if not content:
        code = os.waitstatus_to_exitcode(status)
        raise SnapshotError(f"the process that writes it ended with {code}")
    said = json.loads(content)
    if "error" in said:
        raise SnapshotError(said["error"], said["trace"], said["written"])
    names: list[str] = said["contents"]
    return names


def _end_as_child(fresh: Path, world: World, reported: int) -> NoReturn:
    """Holds neither the server's socket nor the folder's lock, which are its parent's to give back.

    It ends here whatever happens: when its parent was killed, nobody reads its report.
    """
    try:
        os.dup2(reported, _REPORT)
        os.closerange(_REPORT + 1, os.sysconf("SC_OPEN_MAX"))
        gc.disable()
        content = json.dumps(_write_and_tell(fresh, world))
        with os.fdopen(_REPORT, "w") as file:
            file.write(content)
    finally:
        os._exit(0)


def _write_and_tell(fresh: Path, world: World) -> dict[str, Any]:
    try:
        return {"contents": sorted(_write(fresh, world))}
    except SnapshotError as error:
        return {"error": str(error), "trace": error.trace, "written": error.written}


def _read_report(report: BinaryIO, child: int) -> bytes:
    waiting = select.poll()
    waiting.register(report, select.POLLIN)
    if not waiting.poll(LONGEST_SECONDS * 1000):
        os.kill(child, signal.SIGKILL)
    return report.read()


def _describe_error(error: Exception) -> str:
    """Without names of files, which differ from one attempt to the next."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


def _write(fresh: Path, world: World) -> set[str]:
    kept = Contents(fresh.parent)
    try:
        with open(fresh, "wb", opener=open_private) as file:
            FolderPickler(file, kept).dump({"format": FORMAT, "world": world, "moto": moto_bridge.dump()})
            file.flush()
            os.fsync(file.fileno())
        kept.sync()
    except Exception as error:
        raise SnapshotError(_describe_error(error), traceback.format_exc(), kept.written) from error
    return kept.names


def _put_in_place(folder: Path, fresh: Path, names: list[str] | set[str]) -> None:
    fresh.replace(folder / FILE)
    for left in folder.glob(f"{FILE}.*.new"):
        left.unlink()
    sync_folder(folder)
    remove_unused(folder, names)


@dataclass
class SnapshotHealth:
    """`error` is empty when the last snapshot was written; `since` is when the first one failed."""

    error: str = ""
    since: datetime | None = None
    attempts: int = 0

    @property
    def is_ok(self) -> bool:
        return not self.error

    def note_failure(self, error: str, trace: str) -> None:
        """Logs each cause once."""
        if error != self.error:
            log.error("the snapshot could not be written, it is tried again: %s\n%s", error, trace)
        self.since = self.since or datetime.now(UTC)
        self.error, self.attempts = error, self.attempts + 1

    def note_success(self) -> None:
        if self.error:
            log.warning("the snapshot is written again, after %d failures", self.attempts)
        self.error, self.since, self.attempts = "", None, 0

    def described(self) -> dict[str, Any]:
        since = self.since.isoformat() if self.since else None
        return {"error": self.error, "since": since, "attempts": self.attempts}


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


def undo_contents(folder: Path, written: Iterable[str]) -> None:
    """Removes what a snapshot that failed wrote, which would keep a full disk full."""
    remove_half_written(folder / FOLDER)
    for name in written:
        (folder / FOLDER / name).unlink(missing_ok=True)


def remove_half_written(folder: Path) -> None:
    """What a process that was killed, or a full disk, left."""
    for path in folder.glob("*.new"):
        path.unlink(missing_ok=True)


@contextmanager
def use_contents(folder: Path) -> Iterator[None]:
    """Where `read` finds the contents of the snapshot that is read meanwhile."""
    token = _read_from.set(folder / FOLDER)
    try:
        yield
    finally:
        _read_from.reset(token)


def read_content(name: str) -> bytes:
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


class Pickler(pickle.Pickler):
    """Also writes what moto's backends hold beside plain values: locks come back as new ones, keys as they were."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, _LOCKS):
            return (threading.RLock if isinstance(value, _LOCKS[0]) else threading.Lock), ()
        if isinstance(value, moto_bridge.PRIVATE_KEYS):
            return moto_bridge.private_key, (moto_bridge.private_key_bytes(value),)
        if isinstance(value, moto_bridge.ObjectVersions):
            return moto_bridge.object_versions, (list(value.iterlists()),)
        return NotImplemented


class FolderPickler(Pickler):
    """Writes large contents of S3 objects into files of their own."""

    def __init__(self, file: Any, kept: Contents) -> None:
        super().__init__(file, protocol=5)
        self._kept = kept

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, moto_bridge.StoredObject):
            return copyreg.__newobj__, (type(value),), self._object_state(value)  # type: ignore[attr-defined]
        return super().reducer_override(value)

    def _object_state(self, value: Any) -> dict[str, Any]:
        if value.disposed or value.size < SMALLEST:
            return {**moto_bridge.object_state(value), "value": moto_bridge.object_content(value)}
        name = f"{moto_bridge.object_etag(value)}-{value.size}"
        if not self._kept.has(name):
            self._kept.write(name, moto_bridge.object_content(value))
        return {**moto_bridge.object_state(value), "value": _Kept(name)}


class _Kept:
    """Is read as the content itself."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __reduce__(self) -> Any:
        return read_content, (self._name,)


def dump_state(state: Any, pickler: type[Pickler], largest: int) -> bytes:
    """Raises OverflowError as soon as it takes more bytes than `largest`."""
    buffer = _Bounded(largest)
    pickler(buffer, protocol=5).dump(state)
    return buffer.getvalue()


class _Bounded(io.BytesIO):
    def __init__(self, largest: int) -> None:
        super().__init__()
        self._left = largest

    def write(self, content: Any) -> int:
        self._left -= len(content)
        if self._left < 0:
            raise OverflowError
        return super().write(content)
