"""A permission is put into the same words wherever it is shown."""

import pytest

from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.wording import (
    describe_column_count,
    describe_columns,
    describe_permission,
    list_names,
    to_sentence,
)


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        ("insurance_gold", "database insurance_gold"),
        ("insurance_gold/claims", "insurance_gold.claims"),
        ("insurance_gold/*", "every table of insurance_gold"),
    ],
)
def test_it_says_what_on_which_resource(resource: str, where: str) -> None:
    assert describe_permission("DESCRIBE", resource) == f"DESCRIBE on {where}"
    assert describe_permission("SELECT", resource, "id, amount") == f"SELECT on {where} (id, amount)"


@pytest.mark.parametrize(
    ("columns", "words", "count"),
    [
        (ALL_COLUMNS, "every column, including future ones", "every column, including future ones"),
        (ColumnSet.every(exclude=["iban"]), "every column but iban", "every column but iban"),
        (ColumnSet.include(["id"]), "id", "1 column"),
        (ColumnSet.include(["id", "amount"]), "amount, id", "2 columns"),
    ],
)
def test_columns_are_named_or_counted(columns: ColumnSet, words: str, count: str) -> None:
    assert (describe_columns(columns), describe_column_count(columns)) == (words, count)
    assert describe_columns(None) == ""


def test_a_long_list_is_shortened_and_never_by_one_alone() -> None:
    names = ["policy_id", "region", *(f"column_{number}" for number in range(9))]
    assert list_names(names, 2) == "policy_id, region and 9 more"
    assert list_names(names[:3], 2) == "policy_id, region, column_0"
    assert list_names(names) == ", ".join(names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("partition key day is sensitive", "Partition key day is sensitive."),
        ("denied, by the owner.", "Denied, by the owner."),
        ("arn:aws:s3:::gold is not registered", "arn:aws:s3:::gold is not registered."),
        ("s3://gold is not registered", "s3://gold is not registered."),
        ("insurance_gold/claims lacks it", "insurance_gold/claims lacks it."),
        ("gold.claims lacks it", "gold.claims lacks it."),
        ("", ""),
    ],
)
def test_a_sentence_leaves_a_name_as_it_is_written(text: str, said: str) -> None:
    assert to_sentence(text) == said
