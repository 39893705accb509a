"""Texts of a corpus, and queries with the texts that answer them. Needs the standard library alone."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

UNUSED_EVERY = 3
"""Every so many-th judged query is unused: nobody looks at its results while the ranking is changed."""


@dataclass(frozen=True)
class CorpusText:
    """What a product of one table says about itself. `columns` are names with comments."""

    key: str
    name: str
    summary: str
    description: str
    keywords: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()

    def get_fields(self) -> dict[str, str]:
        """By weight: the name, what was written about it, what it consists of."""
        columns = (word for column in self.columns for word in column)
        return {
            "name": self.name,
            "written": " ".join([self.summary, self.description, *self.keywords]),
            "parts": " ".join(columns),
        }


@dataclass(frozen=True)
class JudgedQuery:
    """`grades` by key: 3 for what was meant, 2 for a good answer, 1 for a part of one."""

    text: str
    grades: dict[str, int]


@dataclass(frozen=True)
class Misspelling:
    """A query with a wrong letter, and a text that the first ten hits must contain."""

    text: str
    key: str


@dataclass(frozen=True)
class Judgements:
    used: tuple[JudgedQuery, ...]
    unused: tuple[JudgedQuery, ...]
    misspellings: tuple[Misspelling, ...]

    def list_texts(self) -> list[str]:
        """What is searched for: used, unused, misspelled."""
        queries = [query.text for query in (*self.used, *self.unused)]
        return queries + [misspelling.text for misspelling in self.misspellings]


def read_judgements(path: Path) -> Judgements:
    """From TOML: `[[query]]` with `text` and `grades`, `[[misspelling]]` with `text` and `key`."""
    found = tomllib.loads(path.read_text())
    queries = [JudgedQuery(each["text"], dict(each["grades"])) for each in found["query"]]
    unused = tuple(queries[UNUSED_EVERY - 1 :: UNUSED_EVERY])
    used = tuple(query for at, query in enumerate(queries) if at % UNUSED_EVERY != UNUSED_EVERY - 1)
    return Judgements(used, unused, tuple(Misspelling(**each) for each in found["misspelling"]))


def write_texts(path: Path, texts: Sequence[CorpusText]) -> None:
    path.write_text(json.dumps([asdict(text) for text in texts]))


def read_texts(path: Path) -> list[CorpusText]:
    return [_build_text(**found) for found in json.loads(path.read_text())]


def _build_text(*, keywords: list[str], columns: list[list[str]], **texts: str) -> CorpusText:
    return CorpusText(
        **texts, keywords=tuple(keywords), columns=tuple((name, said) for name, said in columns)
    )
