"""Reads the members of a file and remembers which ones. Pure."""

from collections.abc import Iterator
from typing import Any

from catalog.product_files.values import Path


class MemberReader:
    """Of plain data that follows its standard's schema."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self._used: set[Path] = set()
        self._around: set[Path] = set()

    def get(self, *path: str | int) -> Any:
        """The value, or None. It counts as read, with everything in it."""
        found = self.look_at(*path)
        if found is not None:
            self._used.add(path)
            self._around |= {path[:length] for length in range(len(path))}
        return found

    def look_at(self, *path: str | int) -> Any:
        """The value, or None."""
        found = self._data
        for step in path:
            if isinstance(step, int):
                found = found[step] if isinstance(found, list) and step < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found

    def list_rows(self, *path: str | int) -> list[Path]:
        """The paths of the mappings in a list, which counts as looked at."""
        rows = self.look_at(*path)
        if not isinstance(rows, list):
            return []
        self._around.add(path)
        return [(*path, position) for position, row in enumerate(rows) if isinstance(row, dict)]

    def list_not_read(self) -> tuple[Path, ...]:
        """Of each part that nobody read the outermost path; empty ones say nothing."""
        return tuple(self._walk((), self._data))

    def _walk(self, path: Path, value: Any) -> Iterator[Path]:
        if path in self._used or value in (None, "", [], {}):
            return
        if path and path not in self._around:
            yield path
        elif isinstance(value, dict):
            for name, below in value.items():
                yield from self._walk((*path, name), below)
        elif isinstance(value, list):
            for position, below in enumerate(value):
                yield from self._walk((*path, position), below)
