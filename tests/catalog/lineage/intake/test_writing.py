"""Events become jobs, runs, datasets and edges; doubled, late and reordered ones do no harm."""

import itertools
import random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.lineage.models import ColumnEdge, DatasetLink, LineageDataset, LineageJob, LineageRun, TableEdge
from identity.people.models import Team
from tests import factories
from tests.catalog.lineage.samples import NOON, columns_from, dataset, run_event, run_id, send, write


@pytest.fixture
def team(db: None) -> Team:
    return factories.make_team("Insurance")


def snapshot() -> list[Any]:
    """All that events wrote, without ids that depend on their order."""
    return [
        sorted(
            LineageJob.objects.values_list("name", "type", "code_url", "owners", "first_seen", "last_seen"),
            key=str,
        ),
        sorted(
            LineageRun.objects.values_list(
                "run_id", "state", "state_at", "started_at", "error", "parent_job"
            ),
            key=str,
        ),
        sorted(
            LineageDataset.objects.values_list("name", "columns", "symlinks", "first_seen", "last_seen"),
            key=str,
        ),
        sorted(
            DatasetLink.objects.values_list(
                "job__name", "dataset__name", "is_output", "last_run", "last_seen"
            ),
            key=str,
        ),
        sorted(
            TableEdge.objects.values_list("job__name", "source__name", "target__name", "last_seen"), key=str
        ),
        sorted(
            ColumnEdge.objects.values_list(
                "source_column", "target_column", "is_direct", "first_seen", "last_seen"
            ),
            key=str,
        ),
    ]


def test_a_run_becomes_a_job_datasets_and_an_edge(team: Team) -> None:
    result = send(team, run_event("START", outputs=()), run_event("COMPLETE", inputs=(), minute=4))
    assert not result.faults
    run = LineageRun.objects.get()
    assert (run.state, run.started_at, run.duration) == ("complete", NOON, 240.0)
    assert list(TableEdge.objects.values_list("job__name", "source__name", "target__name")) == [
        ("clean_claims", "raw", "clean")
    ]


def test_column_lineage_says_which_inputs_an_output_is_made_from(team: Team) -> None:
    lineage = columns_from({"claim_id": [("raw", "ID")], "amount": [("raw", "net"), ("raw", "tax")]})
    send(team, run_event(inputs=("raw", "rates"), outputs=(dataset("clean", columnLineage=lineage),)))
    assert list(TableEdge.objects.values_list("source__name", flat=True)) == ["raw"]
    assert sorted(ColumnEdge.objects.values_list("source_column", "target_column")) == [
        ("id", "claim_id"),
        ("net", "amount"),
        ("tax", "amount"),
    ]


def test_a_filter_decides_on_all_rows(team: Team) -> None:
    facet = columns_from({"a": [("raw", "a")]})
    facet["dataset"] = [
        {
            "namespace": "s3://lake",
            "name": "raw",
            "field": "b",
            "transformations": [{"type": "INDIRECT", "subtype": "FILTER"}],
        }
    ]
    send(team, run_event(outputs=(dataset("clean", columnLineage=facet),)))
    edge = ColumnEdge.objects.get(target_column="")
    assert (edge.source_column, edge.is_direct, edge.detail) == ("b", False, "filter")


def test_a_statement_says_the_columns_where_the_event_does_not(team: Team) -> None:
    fields = {"fields": [{"name": "id", "type": "int"}, {"name": "amount", "type": "double"}]}
    sql = {
        "query": "CREATE TABLE clean AS SELECT id AS claim_id, amount * 2 AS twice FROM raw",
        "dialect": "spark",
    }
    send(team, run_event(inputs=(dataset("raw", schema=fields),), job_facets={"sql": sql}))
    assert sorted(ColumnEdge.objects.values_list("source_column", "target_column")) == [
        ("amount", "twice"),
        ("id", "claim_id"),
    ]


def test_the_state_of_a_run_does_not_depend_on_the_order_of_its_events(team: Team) -> None:
    events = [
        run_event("START", minute=0),
        run_event("RUNNING", minute=9),
        run_event("FAIL", minute=5, run_facets={"errorMessage": {"message": "disk full"}}),
    ]
    for order in itertools.permutations(events):
        with transaction.atomic():
            for event in order:
                write(team, event)
            run = LineageRun.objects.get()
            assert (run.state, run.error, run.started_at) == ("fail", "disk full", NOON)
            transaction.set_rollback(True)


def test_orders_doublings_and_batches_lead_to_the_same_rows(team: Team) -> None:
    lineage = columns_from({"a": [("raw", "a")]})
    owners = {"owners": [{"name": "team:claims"}]}
    location = {"url": "https://git.example/claims.py", "type": "git"}
    events = [
        run_event("START", outputs=(), run=1),
        run_event("COMPLETE", run=1, minute=3, job_facets={"ownership": owners}),
        run_event("START", outputs=(), run=2, minute=60),
        run_event("COMPLETE", outputs=(dataset("clean", columnLineage=lineage),), run=2, minute=64),
        run_event(
            "COMPLETE",
            ("clean",),
            ("gold",),
            job="gold",
            minute=90,
            job_facets={"sourceCodeLocation": location},
        ),
        run_event("ABORT", ("clean",), ("gold",), job="gold", run=3, minute=91),
    ]
    seen, picks = [], random.Random(7)
    for _ in range(12):
        order = [*events, *picks.sample(events, 3)]
        picks.shuffle(order)
        cut = picks.randrange(1, len(order))
        with transaction.atomic():
            write(team, *order[:cut])
            write(team, *order[cut:])
            seen.append(snapshot())
            transaction.set_rollback(True)
    assert all(one == seen[0] for one in seen)


def test_two_teams_with_jobs_of_one_name_have_two_jobs(team: Team) -> None:
    send(team, run_event())
    send(factories.make_team("Other"), run_event("FAIL", minute=1))
    assert sorted(LineageRun.objects.values_list("job__team__name", "state")) == [
        ("Insurance", "complete"),
        ("Other", "fail"),
    ]


def test_a_job_event_and_a_dataset_event_need_no_run(team: Team) -> None:
    job_event = run_event()
    del job_event["run"], job_event["eventType"]
    explicit = {"inputs": [{"namespace": "s3://lake", "name": "clean", "type": "DATASET"}]}
    dataset_event = {**job_event, "dataset": dataset("gold", lineage=explicit)}
    for name in ("job", "inputs", "outputs"):
        del dataset_event[name]
    assert not send(team, job_event, dataset_event).faults
    assert sorted(TableEdge.objects.values_list("source__name", "target__name")) == [
        ("clean", "gold"),
        ("raw", "clean"),
    ]
    assert not LineageRun.objects.exists()


def test_a_hundred_events_take_few_statements(team: Team) -> None:
    lineage = columns_from({"a": [("raw", "a")]})
    events = [
        run_event(outputs=(dataset(f"t{number}", columnLineage=lineage),), job=f"j{number}", run=number)
        for number in range(100)
    ]
    with CaptureQueriesContext(connection) as queries:
        send(team, *events)
    assert len(queries) < 20
    assert LineageRun.objects.filter(run_id=run_id(42)).count() == 1
