"""What a view reads, from its text: the tables behind FROM and JOIN, and which of their columns it needs.

The text is not parsed as SQL: every word in it that is a column's name counts as needed, so that an answer is rather
too careful. Athena keeps a view as JSON in a comment (Trino, "Hive connector: Presto views").
"""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Sequence
from dataclasses import dataclass

_NAME_PATTERN = r"(?:\"[^\"]+\"|`[^`]+`|\w+)"
_TABLE_PATTERN = re.compile(
    rf"\b(?:from|join)\s+({_NAME_PATTERN}(?:\s*\.\s*{_NAME_PATTERN}){{0,2}})", re.IGNORECASE
)
_COUNT_PATTERN = re.compile(r"count\s*\(\s*\*\s*\)", re.IGNORECASE)
_PRESTO_VIEW_PATTERN = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
_WORD_PATTERN = re.compile(r"\w+")


@dataclass(frozen=True)
class ViewText:
    """The SQL of a view in `database`."""

    sql: str
    database: str

    def list_tables(self) -> list[tuple[str, str]]:
        """(database, table) in lower case, each once, in the order of the text."""
        found = []
        for named in _TABLE_PATTERN.findall(self.sql):
            names = [part.strip().strip('"`').lower() for part in named.split(".")]
            found.append((names[-2] if len(names) > 1 else self.database, names[-1]))
        return list(dict.fromkeys(found))

    def list_needed_columns(self, columns: Sequence[str]) -> list[str]:
        """Those of a table's columns, in lower case, whose names stand in the text; all where it has a `*`."""
        text = _COUNT_PATTERN.sub("", self.sql)
        if "*" in text:
            return list(columns)
        words = {word.lower() for word in _WORD_PATTERN.findall(text)}
        return [column for column in columns if column in words]


def parse_view_text(text: str, database: str) -> ViewText | None:
    """The SQL in Glue's `ViewOriginalText`; None where it cannot be read, as when it was cut."""
    kept = _PRESTO_VIEW_PATTERN.fullmatch(text.strip())
    if kept is None:
        return ViewText(text, database) if _TABLE_PATTERN.search(text) else None
    try:
        said = json.loads(b64decode(kept[1]))
        return ViewText(str(said["originalSql"]), str(said.get("schema") or database).lower())
    except (NotBase64Error, ValueError, KeyError, TypeError):
        return None
