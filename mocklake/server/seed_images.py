"""What a seed makes, kept in memory from the first time on: going back to it takes milliseconds, not a second.

An image is a pickle whose times are moved on when it is put in place, so that an invitation of the seed is as
fresh after a reset as it was at the start.
"""

import hashlib
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from mocklake.seeds import selection
from mocklake.server.pickling import Pickler, dumped

LARGEST = 16_000_000
"""In bytes; a larger mesh is made anew, which costs less than its image in memory for ever."""
_moved_on: ContextVar[timedelta] = ContextVar("moved_on", default=timedelta())


class Images:
    """By seed and the content of its file."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[datetime, bytes]] = {}

    def keep(self, seed: str, began: datetime, state: Any) -> None:
        """`began` is when seeding began: no time before it is the seed's own."""
        try:
            with _since(began):
                content = dumped(state, _ImagePickler, LARGEST)
        except OverflowError:
            return
        self._held[_key(seed)] = began, content

    def find(self, seed: str) -> Any | None:
        """What was kept, as if it had been made now; None for what was not seen or has changed since."""
        began, content = self._held.get(_key(seed), (None, b""))
        if began is None:
            return None
        token = _moved_on.set(datetime.now(UTC) - began)
        try:
            return pickle.loads(content)  # noqa: S301  (made by this process)
        finally:
            _moved_on.reset(token)


IMAGES = Images()
"""Of this process: several simulators in it begin from the same ones."""
_began: ContextVar[datetime] = ContextVar("began")


@contextmanager
def _since(began: datetime) -> Iterator[None]:
    token = _began.set(began)
    try:
        yield
    finally:
        _began.reset(token)


class _ImagePickler(Pickler):
    def reducer_override(self, value: Any) -> Any:
        if type(value) is datetime and _aware(value) >= _began.get():
            return _moved, (value.isoformat(),)
        return super().reducer_override(value)


def _aware(value: datetime) -> datetime:
    """Moto's times have no zone and mean UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _moved(text: str) -> datetime:
    return datetime.fromisoformat(text) + _moved_on.get()


def _key(seed: str) -> str:
    return f"{seed} {hashlib.sha256(selection.content(seed)).hexdigest()}"
