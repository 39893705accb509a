"""The switches of mocklake for tests that run in each of their worlds, and which of them a test depends on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from mocklake.manners import AWS_LIKE
from mocklake.switches import ALL, EACH_OTHER, OTHER, Switches, Value

__all__ = ["ALL", "AWS_LIKE", "EACH_OTHER", "OTHER", "Value", "asked"]


@contextmanager
def asked() -> Iterator[set[str]]:
    """Collect the names that mocklake reads of its switches within the block, in every world of this process."""
    names: set[str] = set()
    read = Switches.__getattribute__

    def recorded(switches: Switches, name: str) -> Any:
        names.add(name)
        return read(switches, name)

    with patch.object(Switches, "__getattribute__", recorded):
        yield names
