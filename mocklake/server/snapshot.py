"""State on disk: one file, replaced as a whole, so that a kill at any moment leaves the old or the new one.

A child process writes: it is forked under the lock, which takes milliseconds, and has the state as it was then, while
the calls go on. Per-store marks of what changed would write less, but each handler would have to set them, and one
forgotten would lose state without a word. Large contents of S3 objects, which never change, lie beside it and are not
written again.
"""

import gc
import json
import os
import pickle
import select
import signal
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from mocklake import moto_bridge
from mocklake.server import contents
from mocklake.server.pickling import FolderPickler
from mocklake.world import World

FILE = "mocklake.snapshot"
FORMAT = 6
"""Raised when stored classes change, so that an old file is refused and not half understood."""
LONGEST_SECONDS = 600
"""After which a process that writes is ended."""
_REPORT = 3
"""The child's file descriptor for its report."""


class UnreadableSnapshotError(Exception):
    """The text says which file, and what to do."""


class SnapshotError(Exception):
    """A snapshot could not be written; `trace` says where, `written` which contents were."""

    def __init__(self, reason: str, trace: str = "", written: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.trace, self.written = trace, list(written)


def read(folder: Path) -> World | None:
    """The world of the last snapshot, moto's part put in place; None for a new folder.

    Raises UnreadableSnapshotError for a file of another format, or when a content is missing.

    The file is our own, in a folder that only we can read: that is what makes unpickling it safe.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with contents.contents_of(folder):
            state = pickle.loads(path.read_bytes())  # noqa: S301
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, OSError) as error:
        raise UnreadableSnapshotError(f"{path} cannot be read; remove it to begin anew") from error
    if state.get("format") != FORMAT:
        raise UnreadableSnapshotError(f"{path} has another format; remove it to begin anew")
    moto_bridge.load(state["moto"])
    world: World = state["world"]
    return world


def write(folder: Path, world: World) -> None:
    """While all calls wait: at the end, when there are none. Raises SnapshotError."""
    fresh = folder / f"{FILE}.new"
    with world.lock, _undone_if_it_fails(fresh):
        _put_in_place(folder, fresh, _write(fresh, world))


def write_apart(folder: Path, world: World) -> None:
    """By a child process, while calls go on. Raises SnapshotError.

    The file is put in place here and not by the child: one that outlives a killed mocklake must not overwrite
    what the next one has written, nor remove it.
    """
    fresh = folder / f"{FILE}.{os.getpid()}.new"
    with _undone_if_it_fails(fresh):
        _put_in_place(folder, fresh, _write_in_child(fresh, world))


@contextmanager
def _undone_if_it_fails(fresh: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SnapshotError(_reason(error), traceback.format_exc()) from error
    except SnapshotError as error:
        fresh.unlink(missing_ok=True)
        contents.undo(fresh.parent, error.written)
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


def _reason(error: Exception) -> str:
    """Without names of files, which differ from one attempt to the next."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"


def _write(fresh: Path, world: World) -> set[str]:
    kept = contents.Contents(fresh.parent)
    try:
        with open(fresh, "wb", opener=contents.open_private) as file:
            FolderPickler(file, kept).dump({"format": FORMAT, "world": world, "moto": moto_bridge.dump()})
            file.flush()
            os.fsync(file.fileno())
        kept.sync()
    except Exception as error:
        raise SnapshotError(_reason(error), traceback.format_exc(), kept.written) from error
    return kept.names


def _put_in_place(folder: Path, fresh: Path, names: list[str] | set[str]) -> None:
    fresh.replace(folder / FILE)
    for left in folder.glob(f"{FILE}.*.new"):
        left.unlink()
    contents.sync_folder(folder)
    contents.remove_unused(folder, names)
