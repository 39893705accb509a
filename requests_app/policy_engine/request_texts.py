"""The texts that a requester types once for a whole request: one row each, from which forms, API and facts come.

A further text needs a row here, a column of `AccessRequest` and one of `Basket`, and their migration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 2000
"""Of purpose, comment and reason."""


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class RequestText:
    """`name` is that of the column, the form field, the API member and the policies' fact. `label` is shown beside the
    text, `fact_label` in a condition of a rule. `missing` is said of one shorter than `min_length`; empty where the text
    may be left out. `help_text` is that of the API.
    """

    name: str
    label: str
    fact_label: str
    missing: str = ""
    min_length: int = 0
    max_length: int = LONGEST_TEXT
    help_text: str = ""

    @property
    def is_required(self) -> bool:
        return bool(self.missing)


PURPOSE = RequestText(
    "purpose",
    label=gettext_noop("Purpose"),
    fact_label=gettext_noop("purpose"),
    missing=gettext_noop("Say in one sentence what you need the data for."),
    min_length=10,
)
FURTHER_TEXTS: tuple[RequestText, ...] = ()
"""Drawn alike below the purpose, in the form and on each page that shows the purpose with its label."""
REQUEST_TEXTS = (PURPOSE, *FURTHER_TEXTS)
TEXT_NAMES = tuple(text.name for text in REQUEST_TEXTS)


def parse_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """By name, stripped; empty for what is not among the values."""
    return {name: (values.get(name) or "").strip() for name in TEXT_NAMES}


def get_texts(row: object) -> dict[str, str]:
    """By name, of a request or a basket."""
    return {name: getattr(row, name) for name in TEXT_NAMES}
