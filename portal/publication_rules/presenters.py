"""Publication rules in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.rules import ProductFacts, Rules, evaluate_rules

_NO_FACTS = ProductFacts(
    owner_is_active=False,
    description="",
    fields={},
    table_count=0,
    column_count=0,
    unclassified=(),
    unclassified_personal=(),
    foreign_tables=(),
    tier="",
)


@dataclass(frozen=True)
class ShownVersion:
    row: PublicationRules
    texts: list[str]


def list_rule_texts(rules: Rules) -> list[str]:
    """A sentence for each rule."""
    return [one.text for one in evaluate_rules(rules, _NO_FACTS, {})]


def build_versions(rows: Iterable[PublicationRules]) -> list[ShownVersion]:
    return [ShownVersion(row, list_rule_texts(Rules.from_json(row.rules))) for row in rows]
