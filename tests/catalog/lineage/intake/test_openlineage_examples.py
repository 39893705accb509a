"""OpenLineage's own examples of facets, and events of Spark and dbt, are taken."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from catalog.lineage.intake.events import read_event
from catalog.lineage.intake.schema import find_faults
from catalog.lineage.models import ColumnEdge, LineageRun, TableEdge
from identity.people.models import Team
from tests import factories
from tests.catalog.lineage.samples import NOON, NOW, PRODUCER, SCHEMA, run_event, send

EXAMPLES = Path(__file__).parent.parent / "openlineage"


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def complete(event: dict[str, Any]) -> dict[str, Any]:
    """With what the examples leave out or write as placeholders; the same run id for the same placeholder of a job."""
    job = {"namespace": "tests", "name": "example", **event.get("job", {})}
    text = json.dumps(
        {"eventTime": NOON.isoformat(), "producer": PRODUCER, "schemaURL": SCHEMA, **event, "job": job}
    )
    whole = json.loads(text.replace("{{ any(result) }}", str(uuid.uuid5(uuid.NAMESPACE_URL, job["name"]))))
    for one in _list_named(whole):
        one.setdefault("namespace", "jdbc")
    whole.setdefault("run", {}).setdefault("runId", str(uuid.uuid5(uuid.NAMESPACE_URL, job["name"])))
    return dict(whole)


def _list_named(data: Any) -> list[dict[str, Any]]:
    """Datasets and fields in it, whose namespace the Spark examples leave out where it is random."""
    if isinstance(data, list):
        return [found for one in data for found in _list_named(one)]
    if not isinstance(data, dict):
        return []
    own = [data] if "name" in data and ("facets" in data or "field" in data) else []
    return own + [found for one in data.values() for found in _list_named(one)]


@pytest.mark.parametrize("path", sorted((EXAMPLES / "spec").glob("*.json")), ids=lambda path: path.stem)
def test_examples_of_facets_are_well_formed(path: Path) -> None:
    facets, event = load(path), run_event()
    place = (
        event["run"] if "Run" in path.stem else event["job"] if "Job" in path.stem else event["outputs"][0]
    )
    if path.stem.startswith("LineageFacet"):
        place = event["job"] if "entries" in facets.get("lineage", {}) else event["outputs"][0]
    place["facets"] = facets
    assert find_faults(event) == []
    read_event(event, NOW)


@pytest.fixture
def team(db: None) -> Team:
    return factories.make_team("Data")


@pytest.mark.parametrize("path", sorted((EXAMPLES / "spark").glob("*.json")), ids=lambda path: path.stem)
def test_events_of_spark_are_taken(team: Team, path: Path) -> None:
    assert send(team, complete(load(path))).faults == []


def test_column_lineage_of_spark_is_stored(team: Team) -> None:
    send(team, complete(load(EXAMPLES / "spark" / "pysparkCTASWithColumnLineageEnd.json")))
    assert TableEdge.objects.count() == 1
    assert sorted(ColumnEdge.objects.values_list("source_column", "target_column")) == [
        ("a", "a"),
        ("b", "b"),
    ]


def test_runs_of_dbt_are_taken(team: Team) -> None:
    for name in ("successful_run", "failed_run"):
        events = [complete(event) for event in load(EXAMPLES / "dbt" / f"{name}.json")]
        assert send(team, *events).faults == []
    assert {"complete", "fail"} <= set(LineageRun.objects.values_list("state", flat=True))
    assert TableEdge.objects.exists()


def test_explicit_lineage_without_a_job_is_stored(team: Team) -> None:
    facets = load(EXAMPLES / "spec" / "LineageFacet-dataset-to-dataset.json")
    event = {
        "eventTime": NOON.isoformat(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "dataset": {"namespace": "s3://lake", "name": "gold", "facets": facets},
    }
    assert send(team, event).faults == []
    assert [(one.source.name, one.source_column) for one in ColumnEdge.objects.select_related("source")] == [
        ("public.customers", "id")
    ]
