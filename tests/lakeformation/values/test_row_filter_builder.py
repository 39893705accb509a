"""Conditions that a form adds to a row filter."""

import pytest

from lakeformation.values.row_filters import (
    OPERATORS,
    RowFilterError,
    add_condition,
    add_values,
    list_values,
    parse_row_filter,
)

TYPES = {
    "n": "int",
    "price": "decimal(10,2)",
    "region": "string",
    "day": "date",
    "open": "boolean",
    "m": "map<string,string>",
    "Odd Name": "string",
}


@pytest.mark.parametrize(
    ("column", "operator", "value", "expected"),
    [
        ("n", "=", " 5 ", "n = 5"),
        ("price", ">=", "007.50", "price >= 7.5"),
        ("region", "<>", "Nord", "region <> 'Nord'"),
        ("region", "=", "'Nord'", "region = 'Nord'"),
        ("region", "=", "O'Neill", "region = 'O''Neill'"),
        ("region", "=", "x' OR 'a' = 'a", "region = 'x'' OR ''a'' = ''a'"),
        ("region", "in", "Nord, West", "region IN ('Nord', 'West')"),
        ("region", "not in", "'a, b', c", "region NOT IN ('a, b', 'c')"),
        ("region", "starts with", "No", "region LIKE 'No%'"),
        ("region", "contains", "or", "region LIKE '%or%'"),
        ("day", "<", "2026-01-31", "day < DATE '2026-01-31'"),
        ("open", "=", "true", "open = true"),
        ("m", "is null", "", "m IS NULL"),
        ("n", "is not null", "ignored", "n IS NOT NULL"),
        ("Odd Name", "=", "x", "\"odd name\" = 'x'"),
    ],
)
def test_a_condition_is_written_for_the_type_of_its_column(
    column: str, operator: str, value: str, expected: str
) -> None:
    assert add_condition("", column, operator, value, TYPES) == expected


def test_conditions_are_joined_by_and() -> None:
    assert (
        add_condition("n = 1 OR n = 2", "region", "=", "Nord", TYPES)
        == "(n = 1 OR n = 2) AND region = 'Nord'"
    )


@pytest.mark.parametrize(
    ("column", "operator", "value", "reason"),
    [
        ("n", "=", "", "a value is missing"),
        ("n", "in", " , ", "expected"),
        ("n", "=", "abc", "a number is expected"),
        ("n", "=", "1 OR n = 2", "is not a value"),
        ("n", "=", "1) OR (n = 2", "not expected here"),
        ("n", "contains", "1", "LIKE needs a text column"),
        ("day", "=", "2026-13-01", "not a valid day"),
        ("m", "=", "x", "can't be compared"),
        ("nope", "=", "x", "no column nope"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(
    column: str, operator: str, value: str, reason: str
) -> None:
    with pytest.raises(RowFilterError, match=reason):
        add_condition("", column, operator, value, TYPES)


def test_a_row_filter_that_cannot_be_read_gets_no_condition() -> None:
    with pytest.raises(RowFilterError):
        add_condition("n = ", "n", "=", "1", TYPES)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_can_be_read_back(operator: str) -> None:
    text = add_condition("", "region", operator, "Nord", TYPES)
    assert str(parse_row_filter(text, TYPES)) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "region IN ('Nord', 'West')"),
        ("region = 'Nord'", "region IN ('Nord', 'West')"),
        ("region IN ('Ost') AND n > 1", "region IN ('Ost', 'Nord', 'West') AND n > 1"),
        ("region <> 'Ost'", "region <> 'Ost' AND region IN ('Nord', 'West')"),
    ],
)
def test_values_join_those_that_the_column_has_already(before: str, after: str) -> None:
    assert add_values(before, "region", ["Nord", "West"], TYPES) == after


def test_values_of_a_row_filter_are_those_that_a_row_must_have() -> None:
    row_filter = parse_row_filter("(region = 'Nord' OR region IN ('West', 'Nord')) AND NOT n = 3")
    assert {name: [one.value for one in values] for name, values in list_values(row_filter).items()} == {
        "region": ["Nord", "West"]
    }
