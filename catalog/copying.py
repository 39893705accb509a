"""Rows in the words that COPY reads: PostgreSQL's manual, COPY, "Text Format"; arrays as in "Array Input and Output"."""

import json
from collections.abc import Iterable
from typing import Any

ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def values_text(values: Iterable[Any]) -> str:
    """Values of a row with tabs between them, its end not among them. A list is an array of text, a dictionary is JSON."""
    return "\t".join(map(_said, values))


def copy_in(cursor: Any, statement: str, lines: Iterable[str]) -> None:
    """All lines by one statement, handed over as one text: a row at a time, each few wait for the threads that work beside."""
    with cursor.copy(statement) as copy:
        copy.write("".join(lines))


def _said(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, list):
        return _array(value).translate(ESCAPED)
    return (json.dumps(value) if isinstance(value, dict) else str(value)).translate(ESCAPED)


def _array(texts: list[str]) -> str:
    quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in texts]
    return "{" + ",".join([f'"{text}"' for text in quoted]) + "}"
