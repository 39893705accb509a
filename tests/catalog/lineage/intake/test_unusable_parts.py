"""One odd part of an event costs no other part of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.lineage.intake.actions import leave_out_unusable_parts
from catalog.lineage.intake.events import LineageEvent, read_event
from catalog.lineage.intake.schema import MAX_FIELD, is_well_formed
from catalog.lineage.models import RunState
from tests.catalog.lineage.samples import NOW, run_event

GOOD = {"namespace": "s3://b", "name": "good"}


def read(event: dict[str, Any]) -> tuple[LineageEvent, list[str]]:
    usable, warnings = leave_out_unusable_parts(event)
    assert is_well_formed(usable)
    found = read_event(usable, NOW)
    return found, [path for path, _why in [*warnings, *found.warnings]]


def put(event: dict[str, Any], *place: str, value: Any) -> dict[str, Any]:
    holder = event
    for name in place[:-1]:
        holder = holder.setdefault(name, {})
    holder[place[-1]] = value
    return event


@pytest.mark.parametrize(
    ("place", "value", "left_out"),
    [
        (("inputs",), [GOOD, {"namespace": "s3://b", "name": ""}], ["inputs.1"]),
        (("inputs",), [7, GOOD, {"name": "x"}], ["inputs.0", "inputs.2"]),
        (("inputs",), [{**GOOD, "facets": {"schema": {"fields": [{"type": "int"}]}}}], ["inputs.0.facets.schema"]),
        (
            ("outputs",),
            [{**GOOD, "facets": {"columnLineage": {"fields": {"a": {"inputFields": 1}, "b": {"inputFields": []}}}}}],
            ["outputs.0.facets.columnLineage.fields.a"],
        ),
        (("run", "facets"), {"errorMessage": {"message": 7}}, ["run.facets.errorMessage"]),
        (("run", "facets"), {"parent": {"run": {"runId": "none"}}}, ["run.facets.parent"]),
        (("run", "facets"), {"nominalTime": {"nominalStartTime": "soon"}}, ["run.facets.nominalTime.nominalStartTime"]),
        (("job", "facets"), {"ownership": {"owners": [{}]}, "documentation": {"description": "d"}}, ["job.facets.ownership"]),
    ],
)  # fmt: skip
def test_an_odd_part_is_left_out_and_told(place: tuple[str, ...], value: Any, left_out: list[str]) -> None:
    found, paths = read(put(run_event(), *place, value=value))
    assert sorted(paths) == left_out
    assert found.run is not None
    assert found.run.state is RunState.COMPLETE


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": 7},
        {"run": {"runId": "none"}},
        {"job": {"namespace": "x"}},
        {"eventType": "DONE"},
        {"inputs": "raw"},
    ],
)
def test_what_makes_the_event_meaningless_stays_a_fault(change: dict[str, Any]) -> None:
    usable, _warnings = leave_out_unusable_parts({**run_event(), **change})
    assert not is_well_formed(usable)


@pytest.mark.parametrize("event", [None, 7, "text", [], {}, {"inputs": [[]]}])
def test_nonsense_is_no_event(event: Any) -> None:
    assert not is_well_formed(leave_out_unusable_parts(event)[0])


def test_times_without_an_offset_are_utc_and_a_date_is_its_first_moment() -> None:
    event = put(run_event(), "eventTime", value="2026-02-01T10:10:00.829392")
    put(event, "run", "facets", value={"nominalTime": {"nominalStartTime": "2026-02-01"}})
    found, paths = read(event)
    assert (found.at, paths) == (datetime(2026, 2, 1, 10, 10, 0, 829392, tzinfo=UTC), [])
    assert found.run is not None
    assert found.run.nominal_at == datetime(2026, 2, 1, tzinfo=UTC)


def test_a_column_named_by_a_long_expression_is_kept_under_a_cut_name() -> None:
    sources = [{**GOOD, "field": "a"}]
    facet = {"columnLineage": {"fields": {"x" * 600: {"inputFields": sources}}}}
    found, paths = read(
        put(run_event(), "outputs", value=[{"namespace": "s3://b", "name": "out", "facets": facet}])
    )
    (fact,) = found.columns.values()
    assert (fact.target_column, paths) == ("x" * MAX_FIELD, [])


def test_the_event_that_was_given_is_not_changed() -> None:
    event = run_event() | {"inputs": [GOOD, {}]}
    leave_out_unusable_parts(event)
    assert event["inputs"] == [GOOD, {}]
