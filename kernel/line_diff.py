"""Texts compared line by line."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DiffLine:
    """`kind` is add, remove or same; `sign` precedes it."""

    kind: str
    sign: str
    text: str


def compare_lines(before: Sequence[str], after: Sequence[str]) -> list[DiffLine]:
    """What changes from one to the other, with what stays around it."""
    kinds = {"+": "add", "-": "remove", " ": "same"}
    lines = difflib.ndiff(before, after)
    return [DiffLine(kinds[one[0]], one[0].strip(), one[2:]) for one in lines if one[0] in kinds]
