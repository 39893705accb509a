"""What a view reads, and with whose rights: the oracle's own reading of view texts, apart from Athena's.

A Data Catalog view reads as its definer, an Athena view as whoever asks (DG:working-with-views). What a text needs
of a table is every column whose name stands in it as a word; all of them where it has a `*` that is no `count(*)`.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TABLE = re.compile(
    r"\b(?:from|join)\s+((?:\"[^\"]+\"|\w+)(?:\s*\.\s*(?:\"[^\"]+\"|\w+)){0,2})", re.IGNORECASE
)
_STAR = re.compile(r"count\s*\(\s*\*\s*\)", re.IGNORECASE)
_PRESTO = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
DEEPEST = 10
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class View:
    """`definer` is None where the asker's own rights count; `text` is None when Athena has none to run."""

    text: str | None
    definer: str | None
    database: str

    def tables(self) -> Iterator[tuple[str, str]]:
        """(database, table), in lower case."""
        for found in _TABLE.findall(self.text or ""):
            names = [part.strip().strip('"').lower() for part in found.split(".")]
            yield (names[-2] if len(names) > 1 else self.database), names[-1]

    def needed(self, columns: list[str]) -> list[str]:
        text = _STAR.sub("", self.text or "")
        words = {word.lower() for word in _WORD.findall(text)}
        return columns if "*" in text else [one for one in columns if one in words]


def view_of(table: Any, database: str) -> View | None:
    """None for what is no view."""
    if "ViewDefinition" in table.body:
        view = table.body["ViewDefinition"]
        live = [one for one in view["Representations"] if not one.get("IsStale")]
        texts = [one.get("ViewOriginalText") for one in live if one["Dialect"] == "ATHENA"]
        return View(texts[0] if texts else None, view["Definer"], database)
    match = _PRESTO.fullmatch(table.body.get("ViewOriginalText", "").strip())
    if table.body.get("TableType") != "VIRTUAL_VIEW" or match is None:
        return None
    kept = json.loads(b64decode(match[1]))
    return View(kept["originalSql"], None, str(kept.get("schema") or database).lower())
