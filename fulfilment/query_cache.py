"""What rows tell of AWS, each read once: many previews in one transaction ask the same of one catalog."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Found = TypeVar("Found")


class Readings:
    """Kept for as long as nothing writes what was read: the previews of one request, and no longer."""

    def __init__(self) -> None:
        self._known: dict[Hashable, object] = {}

    def once(self, key: Hashable, read: Callable[[], Found]) -> Found:
        """What `read` gave the first time under this key, which names all that it depends on."""
        if key not in self._known:
            self._known[key] = read()
        return cast("Found", self._known[key])
