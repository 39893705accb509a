"""What a product lacks of the rules, without a database."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from catalog.publication_rules.rules import (
    REQUIRABLE_FIELDS,
    ProductFacts,
    Rules,
    check_rules,
    evaluate_rules,
    list_rule_keys,
)
from kernel.errors import RefusedError

EVERY_RULE = Rules(
    active_owner=True, description_words=3, required_fields=tuple(REQUIRABLE_FIELDS), classified_columns=True,
    classified_personal_columns=True, own_tables=True, tiers=("gold",),
)  # fmt: skip
COMPLETE = ProductFacts(
    True, "Claims since 2019.", dict.fromkeys(REQUIRABLE_FIELDS, "x"), 1, 1, (), (), (), "gold"
)
NOTHING = ProductFacts(
    False,
    "",
    dict.fromkeys(REQUIRABLE_FIELDS),
    0,
    0,
    ("claims.iban",),
    ("claims.iban",),
    ("far.trades",),
    "bronze",
)


def test_a_complete_product_meets_every_rule_and_an_empty_one_none() -> None:
    met = evaluate_rules(EVERY_RULE, COMPLETE, {})
    assert [one.key for one in met if not one.is_met] == []
    failed = evaluate_rules(EVERY_RULE, NOTHING, {})
    assert [one.key for one in failed if one.is_met] == []
    assert tuple(one.key for one in failed) == list_rule_keys(EVERY_RULE)


def test_a_product_needs_a_table_whatever_the_rules() -> None:
    found = evaluate_rules(Rules(), NOTHING, {})
    assert [(one.key, one.is_met, one.field) for one in found] == [("tables", False, "tables")]
    assert all(one.is_met for one in evaluate_rules(Rules(), COMPLETE, {}))


def test_rules_over_tables_are_not_met_by_none() -> None:
    """Nothing that could break them is not the same as meeting them."""
    empty = replace(COMPLETE, table_count=0, column_count=0)
    unmet = [one.key for one in evaluate_rules(EVERY_RULE, empty, {}) if not one.is_met]
    assert unmet == ["tables", "classified_columns", "classified_personal_columns", "own_tables"]
    no_columns = replace(COMPLETE, column_count=0)
    unmet = [one.key for one in evaluate_rules(EVERY_RULE, no_columns, {}) if not one.is_met]
    assert unmet == ["classified_columns", "classified_personal_columns"]


@pytest.mark.parametrize(
    ("rules", "facts", "field"),
    [
        ({"active_owner": True}, {"owner_is_active": False}, "owner"),
        ({"description_words": 4}, {}, "description"),
        ({"required_fields": ("terms",)}, {"fields": {"terms": ""}}, "terms"),
        ({"required_fields": ("keywords",)}, {"fields": {"keywords": []}}, "keywords"),
        ({"required_fields": ("freshness_hours",)}, {"fields": {"freshness_hours": None}}, "freshness_hours"),
        ({"own_tables": True}, {"foreign_tables": ("far.trades",)}, "tables"),
        ({"classified_columns": True}, {"unclassified": ("claims.iban",)}, ""),
        ({"classified_personal_columns": True}, {"unclassified_personal": ("claims.iban",)}, ""),
        ({"classified_columns": True}, {"columnless_tables": ("claims",)}, ""),
        ({"classified_personal_columns": True}, {"unscanned_tables": ("claims",)}, ""),
        (
            {"required_fields": ("quality_percent",)},
            {"fields": {"quality_percent": Decimal(0)}},
            "quality_percent",
        ),
        ({"tiers": ("gold", "silver")}, {"tier": "bronze"}, ""),
    ],
)
def test_each_rule_fails_alone_and_names_its_field(
    rules: dict[str, Any], facts: dict[str, Any], field: str
) -> None:
    failed = [one for one in evaluate_rules(Rules(**rules), replace(COMPLETE, **facts), {}) if not one.is_met]
    (result,) = failed
    assert (result.is_met, result.field) == (False, field)
    assert result.text
    assert result.problem


def test_an_exception_counts_only_where_the_rule_is_not_met() -> None:
    rules = Rules(tiers=("gold",))
    _tables, excepted = evaluate_rules(rules, NOTHING, {"tier": "It moves soon."})
    assert (excepted.is_met, excepted.exception) == (True, "It moves soon.")
    _tables, met = evaluate_rules(rules, COMPLETE, {"tier": "It moves soon."})
    assert met.exception == ""


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (Rules(description_words=-1), "description_words"),
        (Rules(description_words=10**9), "description_words"),
        (Rules(required_fields=("name",)), "required_fields"),
        (Rules(tiers=("platinum",)), "tiers"),
    ],
)
def test_invalid_rules_are_refused_at_their_field(rules: Rules, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check_rules(rules)
    assert refused.value.field == field


def test_rules_survive_their_json_and_are_put_in_order() -> None:
    assert Rules.from_json(EVERY_RULE.to_json()) == EVERY_RULE
    mixed = check_rules(Rules(required_fields=("terms", "support", "terms"), tiers=("gold", "bronze")))
    assert (mixed.required_fields, mixed.tiers) == (("support", "terms"), ("bronze", "gold"))
