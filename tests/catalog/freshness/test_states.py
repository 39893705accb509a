"""Which time counts, and what follows for a promise."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.freshness import (
    ChangeTime,
    FreshnessSource,
    FreshnessState,
    assess,
    choose_change_time,
    choose_worst,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def ago(hours: float, source: str = "s3_object", *, may_be_newer: bool = False) -> ChangeTime:
    return ChangeTime(FreshnessSource(source), NOW - timedelta(hours=hours), may_be_newer)


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([], None),
        ([ago(5, "lineage_run"), ago(2)], ago(2)),
        ([ago(1, "glue_update"), ago(5)], ago(5)),
        ([ago(1, "glue_update")], ago(1, "glue_update")),
        ([ago(3, "partition"), ago(3, "iceberg_snapshot")], ago(3, "iceberg_snapshot")),
        ([ago(1, "partition"), ago(5)], ago(5)),
        ([ago(-2)], ago(0)),
        ([ago(2, "lineage_run"), ago(9, may_be_newer=True)], ago(2, "lineage_run", may_be_newer=True)),
        ([ago(2), ago(9, "glue_update", may_be_newer=True)], ago(2)),
    ],
)
def test_the_newest_counts_and_glues_update_time_only_alone(
    found: list[ChangeTime], chosen: ChangeTime | None
) -> None:
    assert choose_change_time(found, NOW) == chosen


@pytest.mark.parametrize(
    ("found", "promised", "state"),
    [
        (None, 24, "not_known"),
        (ago(1, "glue_update"), 24, "not_known"),
        (ago(30, "glue_update"), 24, "not_known"),
        (ago(1), None, "not_promised"),
        (ago(24), 24, "fresh"),
        (ago(24.1), 24, "late"),
        (ago(0), 0, "fresh"),
        (ago(1, may_be_newer=True), 24, "fresh"),
        (ago(25, may_be_newer=True), 24, "not_known"),
        (ago(25, "partition"), 24, "late"),
        (ago(5, "partition"), 4, "not_known"),
        (ago(3, "partition"), 4, "fresh"),
    ],
)
def test_data_is_late_only_if_nothing_newer_was_missed(
    found: ChangeTime | None, promised: int | None, state: str
) -> None:
    assert assess(found, promised, NOW) == state


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ([], "not_known"),
        (["fresh", "fresh"], "fresh"),
        (["fresh", "not_known"], "not_known"),
        (["not_known", "late", "fresh"], "late"),
        (["not_promised"], "not_promised"),
    ],
)
def test_a_product_is_as_fresh_as_its_worst_table(states: list[str], worst: str) -> None:
    assert choose_worst([FreshnessState(one) for one in states]) == worst
