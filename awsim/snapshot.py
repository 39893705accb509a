"""State on disk: one file, replaced as a whole, so that a kill at any moment leaves the old or the new one.

It is written as soon as writing pauses, and at the latest a second after a write.
"""

import io
import logging
import os
import pickle
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awsim import moto_bridge
from awsim.world import World

if TYPE_CHECKING:
    from awsim.simulator import Simulator

FILE = "awsim.snapshot"
FORMAT = 4
"""Raised when stored classes change, so that an old file is refused and not half understood."""
QUIET_SECONDS = 0.15
LATEST_SECONDS = 1.0
_LOCKS = (type(threading.RLock()), type(threading.Lock()))
log = logging.getLogger("awsim")


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
    with world.lock:
        content = _pickled({"format": FORMAT, "world": world, "moto": moto_bridge.dump()})
    fresh = folder / f"{FILE}.new"
    with open(fresh, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)
    _sync_folder(folder)


class _Pickler(pickle.Pickler):
    """Also writes what moto's backends hold beside plain values: locks come back as new ones, keys as they were."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, _LOCKS):
            return (threading.RLock if isinstance(value, _LOCKS[0]) else threading.Lock), ()
        if isinstance(value, moto_bridge.PRIVATE_KEYS):
            return moto_bridge.private_key, (moto_bridge.private_key_bytes(value),)
        return NotImplemented


def _pickled(state: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=5).dump(state)
    return buffer.getvalue()


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

    def run(self) -> None:
        while not self._ended.wait(QUIET_SECONDS / 2):
            if self._simulator.writes != self._saved:
                self._settle()
                self._save()

    def stop(self) -> None:
        self._ended.set()
        self.join()
        self._save()

    def _settle(self) -> None:
        latest = time.monotonic() + LATEST_SECONDS
        seen = -1
        while seen != self._simulator.writes and time.monotonic() < latest:
            seen = self._simulator.writes
            self._ended.wait(QUIET_SECONDS)

    def _save(self) -> None:
        folder, saving = self._simulator.folder, self._simulator.writes
        if folder is None or saving == self._saved:
            return
        try:
            write(folder, self._simulator.world)
        except OSError:
            log.exception("the snapshot could not be written; it is tried again")
            return
        except Exception:
            log.exception("the state cannot be kept as it is; it is tried again after the next write")
        self._saved = saving
