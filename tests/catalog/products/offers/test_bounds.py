"""Each way in which a request goes beyond an offer is told, at its input; pure."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.products.offers.bounds import Bounds, BoundsViolation, RequestedAccess, find_violations
from lakeformation.values.row_filter_templates import read_template

BOUNDS = Bounds(
    highest_class="private",
    longest_hours=48,
    uses=frozenset({"query", "metadata"}),
    tables=frozenset({1, 2}),
    row_template=read_template("country = {country}", {"country": ["DE"]}),
)
WISH = RequestedAccess(
    1, 9, {"a": "public", "b": "private"}, "query", hours=50, days=2, row_filter="country = 'DE'"
)


@pytest.mark.parametrize(
    ("changes", "beyond"),
    [
        ({}, []),
        ({"table": 3}, [BoundsViolation("offer", "table")]),
        (
            {"classes": {"a": "sensitive", "b": "", "c": "public"}},
            [BoundsViolation("columns", "class", ("a", "b"))],
        ),
        ({"has_future_columns": True}, [BoundsViolation("columns", "future")]),
        ({"row_filter": ""}, [BoundsViolation("row_filter", "rows")]),
        ({"use": "training"}, [BoundsViolation("use", "use")]),
        ({"use": ""}, [BoundsViolation("use", "use")]),
        ({"use": "metadata"}, [BoundsViolation("use", "metadata")]),
        ({"shows_data": False}, [BoundsViolation("use", "metadata")]),
        ({"days": 3}, [BoundsViolation("ends_at", "time")]),
        ({"tags": {"domain": ["insurance"]}}, [BoundsViolation("offer", "tags")]),
    ],
)
def test_an_ask_is_held_against_every_bound(changes: dict[str, Any], beyond: list[BoundsViolation]) -> None:
    assert list(find_violations(BOUNDS, replace(WISH, **changes))) == beyond


def test_metadata_show_no_column_and_no_row() -> None:
    asked = replace(WISH, shows_data=False, use="metadata", row_filter="", classes={"a": "sensitive"})
    assert find_violations(BOUNDS, asked) == ()


def test_hours_are_exact_where_the_longest_time_is_no_whole_day() -> None:
    assert find_violations(replace(BOUNDS, longest_hours=4), replace(WISH, hours=4, days=0)) == ()
    late = find_violations(replace(BOUNDS, longest_hours=4), replace(WISH, hours=4.1, days=0))
    assert late == (BoundsViolation("ends_at", "time"),)


def test_a_table_that_came_later_is_of_its_database() -> None:
    assert find_violations(replace(BOUNDS, tables=frozenset(), database=9), replace(WISH, table=77)) == ()


def test_by_tags_the_expression_is_the_same() -> None:
    tags = {"domain": ["insurance"]}
    bounds = replace(BOUNDS, tags=tags, row_template=read_template("", {}))
    assert find_violations(bounds, replace(WISH, tags=tags, has_future_columns=True, row_filter="")) == ()
    assert find_violations(bounds, WISH) == (BoundsViolation("offer", "tags"),)


def test_asking_for_everything_is_told_everything() -> None:
    all_of_it = RequestedAccess(
        5, 5, {"a": "sensitive"}, "export", hours=999, days=41, has_future_columns=True
    )
    assert [one.field for one in find_violations(BOUNDS, all_of_it)] == [
        "offer", "columns", "columns", "row_filter", "use", "ends_at",
    ]  # fmt: skip
