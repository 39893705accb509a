"""Rows in the text format of COPY: PostgreSQL's manual, COPY, "Text Format"; arrays as in "Array Input and Output"."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

_NULL = r"\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def format_row(values: Sequence[Any]) -> str:
    """The row's values separated by tabs, without a line end. Lists become text arrays, dictionaries JSON."""
    said = [_NULL if value is None else _format_value(value) for value in values]
    text = "\t".join(said)
    if needs_no_escaping(text, tabs=len(said) - 1, nulls=values.count(None)):
        return text
    both = zip(values, said, strict=True)
    return "\t".join([one if value is None else one.translate(_ESCAPES) for value, one in both])


def needs_no_escaping(text: str, *, tabs: int, ends: int = 0, nulls: int = 0) -> bool:
    """Whether nothing in it has to be escaped: no backslash but those of nulls, no tab and no end of line but so many that
    stand between values. To look for them is a tenth of the work of escaping each value.
    """
    return (
        text.count("\\") == nulls
        and text.count("\t") == tabs
        and text.count("\n") == ends
        and "\r" not in text
    )


def copy_rows(cursor: Any, statement: str, lines: Iterable[str]) -> None:
    """All lines by one statement, handed over as one text: a row at a time, each few wait for the threads that work beside.
    No statement where there are none.
    """
    if text := "".join(lines):
        with cursor.copy(statement) as copy:
            copy.write(text)


def _format_value(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in value]
        return "{" + ",".join([f'"{text}"' for text in quoted]) + "}"
    return json.dumps(value) if isinstance(value, dict) else str(value)
