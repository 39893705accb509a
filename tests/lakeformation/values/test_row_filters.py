"""A row filter is read, and printed again from its tree: one text for one filter, and nothing pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeformation.values import row_filters
from lakeformation.values.row_filters import (
    Between,
    Comparison,
    IsNull,
    Like,
    Literal,
    OneOf,
    RowFilter,
    RowFilterError,
    canonicalize_row_filter,
    list_columns,
    parse_row_filter,
)

TYPES = {
    "region": "string", "amount": "decimal(10,2)", "smoker": "boolean", "since": "date",
    "seen_at": "timestamp", "tags": "array<string>", "order": "int", "day": "date",
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("region='DE'", "region = 'DE'"),
        ("  REGION  !=  'O''Neil' ", "region <> 'O''Neil'"),
        ("amount >= +010.50 and amount<2", "amount >= 10.5 AND amount < 2"),
        ("region in ('DE','AT')", "region IN ('DE', 'AT')"),
        ("region not in ('DE')", "region NOT IN ('DE')"),
        ("amount between 1 and 2 or smoker = TRUE", "amount BETWEEN 1 AND 2 OR smoker = true"),
        ("region like 'D%'", "region LIKE 'D%'"),
        ("region is not null", "region IS NOT NULL"),
        ("tags is null", "tags IS NULL"),
        ("not (not region = 'DE')", "region = 'DE'"),
        ("not (region = 'DE' or amount = 1)", "NOT (region = 'DE' OR amount = 1)"),
        (
            "(region = 'DE') and ((amount = 1) and (amount = 2))",
            "region = 'DE' AND amount = 1 AND amount = 2",
        ),
        (
            "(region = 'DE' or amount = 1) and smoker = false",
            "(region = 'DE' OR amount = 1) AND smoker = false",
        ),
        ('"order" = 7', '"order" = 7'.replace('"', "")),
        ("since > '2026-01-31'", "since > DATE '2026-01-31'"),
        ("seen_at < timestamp '2026-01-31 08:00:00'", "seen_at < TIMESTAMP '2026-01-31 08:00:00'"),
    ],
)
def test_what_was_typed_has_one_text(typed: str, printed: str) -> None:
    assert str(parse_row_filter(typed, TYPES)) == printed
    assert str(parse_row_filter(printed, TYPES)) == printed


@pytest.mark.parametrize(
    ("typed", "position", "reason"),
    [
        ("", 1, "the end is here, but a column is expected"),
        ("country = 'DE'", 1, "there is no column country"),
        ("region = 'DE' and country = 1", 19, "there is no column country"),
        ("region = 5", 10, "5 is here, but a text in 'quotes' is expected"),
        ("amount = '5'", 10, "'5' is here, but a number is expected"),
        ("smoker = 1", 10, "1 is here, but true or false is expected"),
        ("since = 'soon'", 9, "'soon' is not a valid day"),
        ("since = '2026-02-31'", 9, "'2026-02-31' is not a valid day"),
        ("seen_at = date '2026-01-01'", 16, "'2026-01-01' is here, but a time such as"),
        ("amount like '1%'", 8, "LIKE needs a text column"),
        ("tags = 'x'", 6, "tags is array<string>"),
        ("region = region", 10, "region is here, but a text"),
        ("lower(region) = 'de'", 1, "there is no column lower"),
        ("region = 'DE'; drop table x", 14, "; drop table cannot be read"),
        ("region = 'DE' --", 15, "-- cannot be read"),
        ("region = 'DE", 10, "'DE cannot be read"),
        ("(region = 'DE'", 15, "the end is here, but ) is expected"),
        ("region = 'DE')", 14, ") is not expected here"),
        ("region 'DE'", 8, "'DE' is here, but a comparison"),
        ("region = null", 10, "null is here, but"),
        ("'DE' = region", 1, "'DE' is here, but a column is expected"),
        ("amount = 1e5", 10, "1e5 cannot be read"),
        ("region = 'DE' or", 17, "the end is here, but a column"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_at_its_place(typed: str, position: int, reason: str) -> None:
    with pytest.raises(RowFilterError) as caught:
        parse_row_filter(typed, TYPES)
    assert (caught.value.position, caught.value.reason[: len(reason)]) == (position, reason)


def test_a_rule_is_neither_longer_nor_deeper_than_aws_and_a_reader_bear() -> None:
    with pytest.raises(RowFilterError, match="2,048 characters"):
        parse_row_filter(" or ".join(f"region = 'somewhere {number}'" for number in range(100)), TYPES)
    with pytest.raises(RowFilterError, match="too deeply"):
        parse_row_filter("(" * 500 + "region = 'DE'" + ")" * 500, TYPES)


def test_the_columns_that_it_looks_at_are_known() -> None:
    rule = parse_row_filter("region = 'DE' and not (amount > 1 or smoker is null)", TYPES)
    assert list_columns(rule) == {"region", "amount", "smoker"}


def test_a_rule_of_somebody_else_that_is_none_of_ours_stays_as_it_is() -> None:
    assert canonicalize_row_filter("region='DE'") == "region = 'DE'"
    assert canonicalize_row_filter("upper(region) = 'DE'") == "upper(region) = 'DE'"


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
values = {
    "region": texts.map(lambda text: Literal("text", text)),
    "amount": st.integers(-999, 999).map(lambda number: Literal("number", str(number))),
    "smoker": st.sampled_from(["true", "false"]).map(lambda word: Literal("boolean", word)),
    "since": st.dates().map(lambda day: Literal("date", day.isoformat())),
    "order": st.integers(0, 9).map(lambda number: Literal("number", str(number))),
}


def conditions(column: str) -> st.SearchStrategy[RowFilter]:
    value, negated = values[column], st.booleans()
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(Comparison, st.just(column), signs, value),
        st.builds(OneOf, st.just(column), st.lists(value, min_size=1, max_size=3).map(tuple), negated),
        st.builds(Between, st.just(column), value, value, negated),
        st.builds(IsNull, st.just(column), negated),
        st.builds(Like, st.just("region"), values["region"], negated),
    )


rules = st.recursive(
    st.sampled_from(sorted(values)).flatmap(conditions),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(row_filters.join_with_and),
        st.lists(inner, min_size=2, max_size=3).map(row_filters.join_with_or),
        inner.map(row_filters.negate),
    ),
    max_leaves=8,
)


@given(rules)
def test_reading_what_was_printed_gives_the_same_tree(rule: RowFilter) -> None:
    assert parse_row_filter(str(rule), TYPES) == rule
    assert parse_row_filter(str(rule)) == rule


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("(region = 'Sued') AND (region = 'Sued')", "region = 'Sued'"),
        ("a = 1 OR b = 2 OR a = 1", "a = 1 OR b = 2"),
        ("(a = 1 AND b = 2) AND (b = 2 AND c = 3)", "a = 1 AND b = 2 AND c = 3"),
        ("(a = 1 OR a = 1) AND a = 1", "a = 1"),
    ],
)
def test_a_condition_that_is_repeated_is_kept_once(text: str, once: str) -> None:
    assert canonicalize_row_filter(text) == once
