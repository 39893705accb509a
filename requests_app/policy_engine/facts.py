"""The facts of a request that policies evaluate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from requests_app.policy_engine.request_texts import TEXT_NAMES

WORD_FACTS = (
    "classification", "domain", "line_of_business", "product", "database", "extent", "use", "account", "team",
    "account_line_of_business", "environment", "outside", "widened", "groups", "claims", "principal_tags",
    *TEXT_NAMES,
)  # fmt: skip
"""Facts that are words, several at once where a request has several."""
SLUG_FACTS = frozenset({"domain", "product", "team", "groups"})
"""Facts whose words are slugs, which are in lower case."""
TAG_FACTS = frozenset({"principal_tags"})
"""Facts whose words are a key and a value: `clearance=high`."""
NUMBER_FACTS = ("days", "columns")
"""Facts that are whole numbers: days from the request to its end, and columns requested by name."""
ANY_MATCH_FACTS = frozenset({"groups", "claims", "principal_tags"})
"""Facts that somebody has: to have one of the words is enough, whatever else they have."""
FREE_TEXT_FACTS = frozenset(TEXT_NAMES)
"""Facts that the requester types freely: automatic approval never depends on them."""

UNAVAILABLE_FACTS = frozenset({"claims"})
"""Facts without a source yet: not known of any request."""

WordSet = frozenset[str]


@dataclass(frozen=True)
class PolicyFacts:
    """What is known; what is missing is not known. `column_classifications` is of each column that would be
    seen, by its name: public, private, sensitive, or empty for one that nobody has classified.
    """

    words: Mapping[str, WordSet] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    column_classifications: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, the same for the same facts."""
        words = {name: sorted(values) for name, values in sorted(self.words.items())}
        return {
            "words": words,
            "numbers": dict(sorted(self.numbers.items())),
            "shown": dict(self.column_classifications),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PolicyFacts":
        words = {name: frozenset(values) for name, values in value["words"].items()}
        return cls(words, dict(value["numbers"]), dict(value["shown"]))


def get_classification_words(shown: Iterable[str]) -> WordSet | None:
    """The fact *classification* of what would be seen: `metadata` for no data at all, None (not known) when one
    column has no class.
    """
    found = frozenset(shown)
    if "" in found:
        return None
    return found or frozenset({"metadata"})
