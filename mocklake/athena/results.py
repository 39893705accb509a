"""The rows of a statement, as text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`columns` are (name, Athena type, as in `decimal(9,2)`); `rows` hold text, None for NULL."""

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
