"""How the state becomes bytes."""

import copyreg
import io
import pickle
import threading
from typing import Any

from mocklake import moto_bridge
from mocklake.server import contents
from mocklake.server.contents import Contents

_LOCKS = (type(threading.RLock()), type(threading.Lock()))


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
        if value.disposed or value.size < contents.SMALLEST:
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
        return contents.read, (self._name,)


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
