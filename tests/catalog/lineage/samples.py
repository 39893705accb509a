"""Events and tables for tests of lineage."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.lineage.intake.actions import IntakeResult, receive_events
from catalog.lineage.intake.events import read_event
from catalog.lineage.intake.writer import write_events
from catalog.lineage.models import LineageDataset, LineageJob
from catalog.mirror.models import Database, Table
from identity.people.models import Team
from tests.bank import Bank

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = NOON + timedelta(hours=12)
PRODUCER = "https://github.com/OpenLineage/OpenLineage/tree/1.53.0/client/python"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
GLUE = "arn:aws:glue:eu-central-1:111122223333"


def run_id(number: int = 1) -> str:
    return str(uuid.UUID(int=number))


def dataset(name: str, namespace: str = "s3://lake", **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def columns_from(
    fields: Mapping[str, Iterable[tuple[str, str]]], namespace: str = "s3://lake"
) -> dict[str, Any]:
    """The facet columnLineage: for each column the datasets and columns that it comes from."""
    return {
        "fields": {
            column: {
                "inputFields": [
                    {"namespace": namespace, "name": name, "field": source} for name, source in sources
                ]
            }
            for column, sources in fields.items()
        }
    }


def run_event(
    state: str = "COMPLETE",
    inputs: Iterable[Any] = ("raw",),
    outputs: Iterable[Any] = ("clean",),
    *,
    job: str = "clean_claims",
    run: int = 1,
    minute: float = 0,
    job_facets: Mapping[str, Any] | None = None,
    run_facets: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Datasets are names in the namespace `s3://lake`, or whole."""
    return {
        "eventType": state,
        "eventTime": (NOON + timedelta(minutes=minute)).isoformat(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": run_id(run), "facets": dict(run_facets or {})},
        "job": {"namespace": "airflow", "name": job, "facets": dict(job_facets or {})},
        "inputs": [dataset(one) if isinstance(one, str) else one for one in inputs],
        "outputs": [dataset(one) if isinstance(one, str) else one for one in outputs],
    }


def send(team: Team, *events: Any) -> IntakeResult:
    return receive_events(team_id=team.pk, events=events, now=NOW)


def write(team: Team, *events: Any) -> None:
    """Within the caller's transaction."""
    write_events(team.pk, [read_event(event, NOW) for event in events], NOW)


def place_table(database: Database, name: str, location: str = "", **fields: Any) -> Table:
    """A live table of the mirror."""
    return Table.objects.create(
        database=database,
        name=name,
        location=location,
        glue_created_at=name,
        digest=name,
        mirrored_at=NOON,
        **fields,
    )


def find_dataset(name: str, namespace: str = "s3://lake") -> LineageDataset:
    return LineageDataset.objects.get(namespace=namespace, name=name)


def make_sample_lineage(bank: Bank) -> dict[str, int]:
    """A job that writes the bank's claims, and the dataset by which it calls them."""
    catalog = bank.claims.database.catalog
    arn = f"arn:aws:glue:{catalog.region}:{catalog.account.account_id}"
    claims = dataset(f"table/{bank.claims.database.name}/{bank.claims.name}", arn)
    error = {"errorMessage": {"message": "disk full"}}
    send(
        bank.insurance,
        run_event("START", outputs=(claims,)),
        run_event("FAIL", outputs=(claims,), minute=3, run_facets=error),
    )
    found = LineageDataset.objects.get(table=bank.claims)
    return {"lineage_job": LineageJob.objects.get(kind="pipeline").pk, "lineage_dataset": found.pk}
