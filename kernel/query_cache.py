"""Caches query results for the previews of one transaction, which read the same catalog."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Result = TypeVar("Result")


class QueryCache:
    """Valid only while nothing writes what was read: for the previews of one request."""

    def __init__(self) -> None:
        self._results: dict[Hashable, object] = {}

    def get_or_read(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """The cached result of `read`. The key must name everything that the result depends on."""
        if key not in self._results:
            self._results[key] = read()
        return cast("Result", self._results[key])
