"""The catalog that `bench search` searches, and what is asked of it: the same in each run and for each engine.

Needs the standard library alone: the peer reads it with a Python of its own.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tools.bench.generated_catalog import FREQUENT_WORDS, RARE_WORDS, TABLES_PER_DATABASE, generate_tables

QUERIES_PER_KIND = 200
HIDDEN_EVERY = 5
"""Every so many-th database belongs to a product that is not published: nobody finds its tables."""
PRODUCT_EVERY, TABLES_PER_PRODUCT = 100, 2
READABLE_TABLES, READABLE_EVERY = 40, 23
"""The person who asks may read forty tables already: every so many-th of the first ones."""
DOMAINS = tuple(f"{word}-domain" for word in FREQUENT_WORDS[:12])
REGIONS = ("eu-central-1", "eu-west-1")
FORMATS = ("parquet", "iceberg", "csv", "json", "orc")
TIERS = ("bronze", "silver", "gold")
CLASSIFICATIONS = ("public", "private", "sensitive")
LINES = tuple(f"line-{word}" for word in FREQUENT_WORDS[20:60])
FACETS = ("domain", "region", "format", "tier", "classification", "line")


@dataclass(frozen=True)
class CorpusTable:
    """A table as GetTables answers it, and what its facets say."""

    number: int
    answer: dict[str, Any]
    tags: dict[str, str]
    format: str

    @property
    def name(self) -> str:
        return str(self.answer["Name"])

    @property
    def database(self) -> int:
        return self.number // TABLES_PER_DATABASE

    @property
    def domain(self) -> str:
        return DOMAINS[self.database % len(DOMAINS)]

    @property
    def region(self) -> str:
        return REGIONS[self.database % len(REGIONS)]

    @property
    def is_hidden(self) -> bool:
        return self.database % HIDDEN_EVERY == HIDDEN_EVERY - 1

    @property
    def product(self) -> str:
        """The slug of the published product that holds it, or nothing."""
        if self.is_hidden or self.number % PRODUCT_EVERY >= TABLES_PER_PRODUCT:
            return ""
        return f"product-{self.number // PRODUCT_EVERY}"

    @property
    def is_readable(self) -> bool:
        """Whether the person who asks may read it already."""
        return self.number % READABLE_EVERY == 0 and self.number < READABLE_TABLES * READABLE_EVERY

    def get_texts(self) -> tuple[str, str, str]:
        """By weight: the name, what was written about it, what it consists of."""
        said = self.answer["StorageDescriptor"]["Columns"]
        written = " ".join([self.answer["Description"], self.answer["Owner"], self.answer["DatabaseName"]])
        parts = " ".join(f"{column['Name']} {column['Comment']}" for column in said)
        return tuple(text.replace("_", " ") for text in (self.name, written, parts))  # type: ignore[return-value]


def generate_corpus(count: int, seed: int) -> Iterator[CorpusTable]:
    lots = random.Random(seed + 1)
    for number, answer in enumerate(generate_tables(count, seed=seed)):
        tags = {
            "confidentiality": lots.choice(CLASSIFICATIONS),
            "line": lots.choice(LINES),
            "tier": lots.choice(TIERS),
        }
        said = lots.choice(FORMATS)
        answer["Parameters"]["classification"] = said
        yield CorpusTable(number, answer, tags, said)


def split_batches(found: Iterator[CorpusTable], size: int) -> Iterator[list[CorpusTable]]:
    while batch := list(islice(found, size)):
        yield batch


def build_queries(seed: int) -> dict[str, list[str]]:
    """By kind of question, what is typed."""
    lots = random.Random(seed + 2)
    right = [lots.choice(list_long_words()) for _ in range(QUERIES_PER_KIND)]
    return {
        "page": [
            f"{lots.choice(RARE_WORDS[:1500])} {lots.choice(FREQUENT_WORDS[:40])}"
            for _ in range(QUERIES_PER_KIND)
        ],
        "frequent": [lots.choice(FREQUENT_WORDS[:30]) for _ in range(QUERIES_PER_KIND)],
        "browse": [""] * QUERIES_PER_KIND,
        "letter": [lots.choice("abcdefgmprst") for _ in range(QUERIES_PER_KIND)],
        "right": right,
        "misspelt": [misspell(word, lots) for word in right],
    }


def list_long_words() -> list[str]:
    return sorted({word for word in (*FREQUENT_WORDS, *RARE_WORDS[:1500]) if len(word) > 6})  # noqa: PLR2004


def misspell(word: str, lots: random.Random) -> str:
    """With a letter left out, or two that stand side by side swapped."""
    at = lots.randrange(1, len(word) - 2)
    if word[at] == word[at + 1] or lots.random() < 0.5:  # noqa: PLR2004
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
