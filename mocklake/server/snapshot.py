"""State on disk: one file, replaced as a whole, so that a kill at any moment leaves the old or the new one.

It is written as soon as writing pauses, and at the latest a second after a write; after a long writing the next one
waits five times as long, so that a large world is not written without end. A child process writes: it is forked under the
lock, which takes milliseconds, and has the state as it was then, while the calls go on. Per-store marks of what changed
would write less, but each handler would have to set them, and one forgotten would lose state without a word.
"""

import gc
import io
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mocklake import moto_bridge
from mocklake.world import World

if TYPE_CHECKING:
    from mocklake.server.simulator import Simulator

FILE = "mocklake.snapshot"
FORMAT = 6
"""Raised when stored classes change, so that an old file is refused and not half understood."""
QUIET_SECONDS = 0.15
LATEST_SECONDS = 1.0
RESTS = 5
"""How many times as long as a writing took it rests."""
_LOCKS = (type(threading.RLock()), type(threading.Lock()))
log = logging.getLogger("mocklake")


class UnreadableSnapshotError(Exception):
    """The text says which file, and what to do."""


def read(folder: Path) -> World | None:
    """The world of the last snapshot, moto's part put in place; None for a new folder.

    Raises UnreadableSnapshotError for a file of another format.

    The file is our own, in a folder that only we can read: that is what makes unpickling it safe.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        state = pickle.loads(path.read_bytes())  # noqa: S301
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError) as error:
        raise UnreadableSnapshotError(f"{path} cannot be read; remove it to begin anew") from error
    if state.get("format") != FORMAT:
        raise UnreadableSnapshotError(f"{path} has another format; remove it to begin anew")
    moto_bridge.load(state["moto"])
    world: World = state["world"]
    return world


def write(folder: Path, world: World) -> None:
    """While all calls wait: at the start and at the end, when there are none."""
    fresh = folder / f"{FILE}.new"
    with world.lock:
        _write(fresh, world)
    _put_in_place(folder, fresh)


def write_apart(folder: Path, world: World) -> None:
    """By a child process, while calls go on. Raises OSError when the child could not.

    The file is put in place here and not by the child: one that outlives a killed mocklake must not overwrite
    what the next one has written.
    """
    fresh = folder / f"{FILE}.{os.getpid()}.new"
    with world.lock:
        child = os.fork()
    if child == 0:
        os._exit(_as_child(fresh, world))
    _, status = os.waitpid(child, 0)
    if status:
        raise OSError(f"the process that writes the snapshot ended with status {status}")
    _put_in_place(folder, fresh)


def _as_child(fresh: Path, world: World) -> int:
    """Holds neither the server's socket nor the folder's lock, which are its parent's to give back."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    gc.disable()
    try:
        _write(fresh, world)
    except Exception:
        log.exception("the state cannot be written")
        return 1
    return 0


def _write(fresh: Path, world: World) -> None:
    state = {"format": FORMAT, "world": world, "moto": moto_bridge.dump()}
    with open(fresh, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        Pickler(file, protocol=5).dump(state)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(folder: Path, fresh: Path) -> None:
    fresh.replace(folder / FILE)
    for left in folder.glob(f"{FILE}.*.new"):
        left.unlink()
    _sync_folder(folder)


class Pickler(pickle.Pickler):
    """Also writes what moto's backends hold beside plain values: locks come back as new ones, keys as they were."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, _LOCKS):
            return (threading.RLock if isinstance(value, _LOCKS[0]) else threading.Lock), ()
        if isinstance(value, moto_bridge.PRIVATE_KEYS):
            return moto_bridge.private_key, (moto_bridge.private_key_bytes(value),)
        return NotImplemented


def dumped(state: Any, pickler: type[Pickler], largest: int) -> bytes:
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


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Writer(threading.Thread):
    """Watches the simulator's count of writes; `stop()` writes what is left."""

    def __init__(self, simulator: "Simulator") -> None:
        super().__init__(name="snapshot", daemon=True)
        self._simulator = simulator
        self._ended = threading.Event()
        self._saved = simulator.writes
        self._rest_until = 0.0

    def run(self) -> None:
        while not self._ended.wait(QUIET_SECONDS / 2):
            if self._simulator.writes != self._saved and time.monotonic() > self._rest_until:
                self._settle()
                self._save(write_apart)

    def stop(self) -> None:
        self._ended.set()
        self.join()
        self._save(write)

    def _settle(self) -> None:
        latest = time.monotonic() + LATEST_SECONDS
        seen = -1
        while seen != self._simulator.writes and time.monotonic() < latest:
            seen = self._simulator.writes
            self._ended.wait(QUIET_SECONDS)

    def _save(self, how: Callable[[Path, World], None]) -> None:
        folder, saving = self._simulator.folder, self._simulator.writes
        if folder is None or saving == self._saved:
            return
        began = time.monotonic()
        try:
            how(folder, self._simulator.world)
        except OSError:
            log.exception("the snapshot could not be written; it is tried again")
        except Exception:
            log.exception("the state cannot be kept as it is; it is tried again after the next write")
            self._saved = saving
        else:
            self._saved = saving
        self._rest_until = time.monotonic() + RESTS * (time.monotonic() - began)
