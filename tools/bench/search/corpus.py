"""The catalog that `bench search` searches, and what is asked of it: the same in each run and for each engine.

Needs the standard library alone: the peer reads it with a Python of its own.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tools.bench.generated_catalog import PER_DATABASE, RARE, USUAL, tables

QUESTIONS = 200
HIDDEN_EACH = 5
"""Every so many-th database belongs to a product that is not published: nobody finds its tables."""
PRODUCT_EACH, PRODUCT_HOLDS = 100, 2
HELD, HELD_EACH = 40, 23
"""The person who asks may read forty tables already: every so many-th of the first ones."""
DOMAINS = tuple(f"{word}-domain" for word in USUAL[:12])
REGIONS = ("eu-central-1", "eu-west-1")
FORMATS = ("parquet", "iceberg", "csv", "json", "orc")
TIERS = ("bronze", "silver", "gold")
CLASSIFICATIONS = ("public", "private", "sensitive")
LINES = tuple(f"line-{word}" for word in USUAL[20:60])
FACETS = ("domain", "region", "format", "tier", "classification", "line")


@dataclass(frozen=True)
class Shelved:
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
        return self.number // PER_DATABASE

    @property
    def domain(self) -> str:
        return DOMAINS[self.database % len(DOMAINS)]

    @property
    def region(self) -> str:
        return REGIONS[self.database % len(REGIONS)]

    @property
    def is_hidden(self) -> bool:
        return self.database % HIDDEN_EACH == HIDDEN_EACH - 1

    @property
    def product(self) -> str:
        """The slug of the published product that holds it, or nothing."""
        if self.is_hidden or self.number % PRODUCT_EACH >= PRODUCT_HOLDS:
            return ""
        return f"product-{self.number // PRODUCT_EACH}"

    @property
    def is_held(self) -> bool:
        """Whether the person who asks may read it already."""
        return self.number % HELD_EACH == 0 and self.number < HELD * HELD_EACH

    def texts(self) -> tuple[str, str, str]:
        """By weight: the name, what was written about it, what it consists of."""
        said = self.answer["StorageDescriptor"]["Columns"]
        written = " ".join([self.answer["Description"], self.answer["Owner"], self.answer["DatabaseName"]])
        parts = " ".join(f"{column['Name']} {column['Comment']}" for column in said)
        return tuple(text.replace("_", " ") for text in (self.name, written, parts))  # type: ignore[return-value]


def shelved(count: int, seed: int) -> Iterator[Shelved]:
    lots = random.Random(seed + 1)
    for number, answer in enumerate(tables(count, seed=seed)):
        tags = {
            "confidentiality": lots.choice(CLASSIFICATIONS),
            "line": lots.choice(LINES),
            "tier": lots.choice(TIERS),
        }
        said = lots.choice(FORMATS)
        answer["Parameters"]["classification"] = said
        yield Shelved(number, answer, tags, said)


def in_batches(found: Iterator[Shelved], size: int) -> Iterator[list[Shelved]]:
    while batch := list(islice(found, size)):
        yield batch


def questions(seed: int) -> dict[str, list[str]]:
    """By kind of question, what is typed."""
    lots = random.Random(seed + 2)
    right = [lots.choice(long_words()) for _ in range(QUESTIONS)]
    return {
        "page": [f"{lots.choice(RARE[:1500])} {lots.choice(USUAL[:40])}" for _ in range(QUESTIONS)],
        "frequent": [lots.choice(USUAL[:30]) for _ in range(QUESTIONS)],
        "browse": [""] * QUESTIONS,
        "letter": [lots.choice("abcdefgmprst") for _ in range(QUESTIONS)],
        "right": right,
        "misspelt": [misspelt(word, lots) for word in right],
    }


def long_words() -> list[str]:
    return sorted({word for word in (*USUAL, *RARE[:1500]) if len(word) > 6})  # noqa: PLR2004


def misspelt(word: str, lots: random.Random) -> str:
    """With a letter left out, or two that stand side by side swapped."""
    at = lots.randrange(1, len(word) - 2)
    if word[at] == word[at + 1] or lots.random() < 0.5:  # noqa: PLR2004
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
