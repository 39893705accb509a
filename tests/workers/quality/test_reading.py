"""Results of Glue Data Quality are read from where the last reading stopped."""

from datetime import timedelta
from typing import Any

import pytest

from background.task_table import TaskName
from catalog.mirror.models import Table
from catalog.quality.models import QualityMeasure, QualityReading, QualityResult
from demo.bank.accounts import INSURANCE, REINSURANCE_REGION
from identity.accounts import ConnectedCatalog
from kernel import clock
from mocklake.testing.server import Cloud
from tests.workers.sync.conftest import DATABASE, sync_successfully
from workers.aws import glue
from workers.dispatch.loop import list_due
from workers.quality import read_quality

pytestmark = pytest.mark.django_db
ROWS = {"Result": "PASS", "EvaluatedRule": "RowCount > 5", "EvaluatedMetrics": {"Dataset.*.RowCount": 9.0}}
COMPLETE = {
    "Result": "FAIL",
    "EvaluatedRule": 'Completeness "treaty_id" > 0.9',
    "EvaluatedMetrics": {"Column.treaty_id.Completeness": 0.8},
}


def put(cloud: Cloud, table: str = "treaties", days: float = 0, rules: Any = (ROWS, COMPLETE)) -> None:
    at = clock.now() - timedelta(days=days)
    place = {"account": INSURANCE, "region": REINSURANCE_REGION, "DatabaseName": DATABASE, "Name": table}
    said = {"RuleResults": list(rules), "RulesetName": "nightly", "CompletedOn": at.isoformat()}
    cloud.control("change", {"do": "put_quality_result", **place, **said})


@pytest.fixture
def synced(catalog: ConnectedCatalog) -> ConnectedCatalog:
    sync_successfully(catalog)
    return catalog


def test_new_results_are_read_and_kept_once(synced: ConnectedCatalog, cloud: Cloud) -> None:
    put(cloud, days=40)
    put(cloud, days=3)
    put(cloud, days=400)
    assert synced.pk in list_due(TaskName.READ_QUALITY)
    assert read_quality(synced.pk) == 2
    assert synced.pk not in list_due(TaskName.READ_QUALITY)
    result = QualityResult.objects.latest("evaluated_at")
    assert (result.passed, result.evaluated, result.ruleset.name) == (1, 2, "nightly")
    assert str(result.ruleset.table) == f"{DATABASE}.treaties"
    assert [(one["dimension"], one.get("column")) for one in result.rules] == [
        ("volume", None), ("completeness", "treaty_id"),
    ]  # fmt: skip
    assert {(one.kind, one.column) for one in QualityMeasure.objects.all()} == {
        ("rows", ""),
        ("nulls", "treaty_id"),
    }
    put(cloud, days=1)
    assert (read_quality(synced.pk), read_quality(synced.pk)) == (1, 0)
    assert QualityReading.objects.get().trouble == ""


def test_results_of_a_table_that_came_later_are_read(synced: ConnectedCatalog, cloud: Cloud) -> None:
    table = Table.objects.get(name="cessions", tombstoned_at=None, database__name=DATABASE)
    Table.objects.filter(pk=table.pk).update(tombstoned_at=clock.now())
    put(cloud, table="cessions", days=0.5)
    read_quality(synced.pk)
    assert not QualityResult.objects.filter(ruleset__table=table).exists()
    Table.objects.filter(pk=table.pk).update(tombstoned_at=None)
    read_quality(synced.pk)
    assert QualityResult.objects.filter(ruleset__table=table).count() == 1


def test_many_results_come_in_pages(
    synced: ConnectedCatalog, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glue, "LIST_SIZE", 2)
    monkeypatch.setattr(glue, "BATCH_SIZE", 2)
    for number in range(5):
        put(cloud, days=5 + number / 100)
    assert read_quality(synced.pk) >= 5


def test_a_refusal_is_shown_and_ends_with_the_next_reading(synced: ConnectedCatalog, cloud: Cloud) -> None:
    fault = {
        "kind": "error",
        "operation": "ListDataQualityResults",
        "code": "AccessDeniedException",
        "count": 1,
    }
    cloud.control("faults", fault)
    try:
        assert read_quality(synced.pk) == 0
        reading = QualityReading.objects.get()
        assert reading.trouble
        position = reading.position
    finally:
        cloud.control("faults", method="DELETE")
    read_quality(synced.pk)
    reading.refresh_from_db()
    assert reading.trouble == ""
    assert reading.position > position
