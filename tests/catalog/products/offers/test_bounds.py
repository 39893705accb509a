"""Each way in which an ask goes beyond an offer is told, at its input; pure."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.products.offers.bounds import Beyond, Bounds, Wish, within
from lakeformation.values.row_rule_templates import read_template

BOUNDS = Bounds(
    highest_class="private",
    longest_hours=48,
    uses=frozenset({"query", "metadata"}),
    tables=frozenset({1, 2}),
    rows=read_template("country = {country}", {"country": ["DE"]}),
)
WISH = Wish(1, 9, {"a": "public", "b": "private"}, "query", hours=50, days=2, row_rule="country = 'DE'")


@pytest.mark.parametrize(
    ("changes", "beyond"),
    [
        ({}, []),
        ({"table": 3}, [Beyond("offer", "table")]),
        ({"classes": {"a": "sensitive", "b": "", "c": "public"}}, [Beyond("columns", "class", ("a", "b"))]),
        ({"whole_table": True}, [Beyond("columns", "future")]),
        ({"row_rule": ""}, [Beyond("row_rule", "rows")]),
        ({"use": "training"}, [Beyond("use", "use")]),
        ({"use": ""}, [Beyond("use", "use")]),
        ({"use": "metadata"}, [Beyond("use", "metadata")]),
        ({"metadata_only": True}, [Beyond("use", "metadata")]),
        ({"days": 3}, [Beyond("ends_at", "time")]),
        ({"tags": {"domain": ["insurance"]}}, [Beyond("offer", "tags")]),
    ],
)
def test_an_ask_is_held_against_every_bound(changes: dict[str, Any], beyond: list[Beyond]) -> None:
    assert list(within(BOUNDS, replace(WISH, **changes))) == beyond


def test_metadata_show_no_column_and_no_row() -> None:
    asked = replace(WISH, metadata_only=True, use="metadata", row_rule="", classes={"a": "sensitive"})
    assert within(BOUNDS, asked) == ()


def test_hours_are_exact_where_the_longest_time_is_no_whole_day() -> None:
    assert within(replace(BOUNDS, longest_hours=4), replace(WISH, hours=4, days=0)) == ()
    late = within(replace(BOUNDS, longest_hours=4), replace(WISH, hours=4.1, days=0))
    assert late == (Beyond("ends_at", "time"),)


def test_a_table_that_came_later_is_of_its_database() -> None:
    assert within(replace(BOUNDS, tables=frozenset(), database=9), replace(WISH, table=77)) == ()


def test_by_tags_the_expression_is_the_same() -> None:
    tags = {"domain": ["insurance"]}
    bounds = replace(BOUNDS, tags=tags, rows=read_template("", {}))
    assert within(bounds, replace(WISH, tags=tags, whole_table=True, row_rule="")) == ()
    assert within(bounds, WISH) == (Beyond("offer", "tags"),)


def test_asking_for_everything_is_told_everything() -> None:
    all_of_it = Wish(5, 5, {"a": "sensitive"}, "export", hours=999, days=41, whole_table=True)
    assert [one.field for one in within(BOUNDS, all_of_it)] == [
        "offer", "columns", "columns", "row_rule", "use", "ends_at",
    ]  # fmt: skip
