"""What AWS says of a table's data, read by the observer from the pretend AWS."""

from datetime import UTC, datetime, timedelta

from catalog.freshness import FreshnessSource, TableFreshness
from catalog.lineage.models import DatasetLink, LineageDataset, LineageJob, LineageRun, MatchKind, RunState
from catalog.mirror.models import Table
from catalog.promises import PromiseBreach
from demo.bank.accounts import GOVERNANCE
from kernel import clock
from tests.database import as_role
from tests.workers.freshness.conftest import BUCKET, DATABASE, Measured
from workers.freshness import read_freshness

SNAPSHOT = {"snapshot-id": 1, "timestamp-ms": 1_790_000_000_000, "summary": {"operation": "append"}}


def test_the_newest_object_of_a_table_without_partitions(measured: Measured) -> None:
    row = measured.read()
    assert row.source == FreshnessSource.S3_OBJECT
    assert row.changed_at is not None
    assert timedelta(hours=5, minutes=59) < clock.now() - row.changed_at < timedelta(hours=6, minutes=30)
    assert set(row.times) == {"s3_object", "glue_update"}
    written = measured.put("claims/part-00001.parquet")
    measured.put("claims/_SUCCESS", b"")
    measured.put("claims/_temporary/0/part.parquet")
    row = measured.read()
    assert (row.changed_at, row.may_be_newer, row.trouble) == (written, False, "")


def test_a_broken_promise_is_found_and_mended(measured: Measured) -> None:
    measured.product.freshness_hours = 2
    measured.product.save()
    measured.read()
    assert PromiseBreach.objects.get().ended_at is None
    measured.put("claims/part-00001.parquet")
    measured.read()
    assert PromiseBreach.objects.get().ended_at is not None


def test_the_newest_partition_and_the_objects_in_it(measured: Measured) -> None:
    table = measured.make("deliveries", partition="day")
    glue = measured.cloud.client("glue", GOVERNANCE)
    for day in ("2026-11-27", "2026-11-28"):
        storage = {"Columns": [], "Location": f"s3://{BUCKET}/deliveries/day={day}/"}
        glue.create_partition(
            DatabaseName=DATABASE, TableName="deliveries", PartitionInput={"Values": [day], "StorageDescriptor": storage}
        )  # fmt: skip
    row = measured.read(table)
    assert row.source == FreshnessSource.PARTITION
    written = measured.put("deliveries/day=2026-11-28/part.parquet")
    row = measured.read(table)
    assert (row.source, row.changed_at) == (FreshnessSource.S3_OBJECT, written)


def test_partition_keys_without_partitions_leave_the_whole_location(measured: Measured) -> None:
    table = measured.make("projected", partition="day")
    written = measured.put("projected/day=2026-11-28/part.parquet")
    assert measured.read(table).changed_at == written


def test_the_current_snapshot_of_iceberg_but_for_compaction(measured: Measured) -> None:
    compacted = {
        "snapshot-id": 2, "parent-snapshot-id": 1, "timestamp-ms": 1_790_000_900_000, "summary": {"operation": "replace"},
    }  # fmt: skip
    row = measured.read(measured.make_iceberg("ledger", SNAPSHOT, compacted))
    assert (row.source, row.changed_at) == (
        FreshnessSource.ICEBERG_SNAPSHOT, datetime.fromtimestamp(1_790_000_000, UTC),
    )  # fmt: skip
    assert set(row.times) == {"iceberg_snapshot", "glue_update"}


def test_an_empty_iceberg_table_and_unreadable_metadata_leave_glues_time(measured: Measured) -> None:
    assert measured.read(measured.make_iceberg("empty")).source == FreshnessSource.GLUE_UPDATE
    broken = measured.make_iceberg("broken", SNAPSHOT)
    measured.put("broken/metadata/00001-a.metadata.json", b"no JSON")
    row = measured.read(broken)
    assert (row.source, row.trouble) == (FreshnessSource.GLUE_UPDATE, "It is no Iceberg metadata.")


def test_a_run_of_lineage_counts_where_aws_refuses_to_list_objects(measured: Measured) -> None:
    measured.cloud.client("iam", GOVERNANCE).put_role_policy(
        RoleName="meshmarket-observer", PolicyName="never",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}',
    )  # fmt: skip
    at = write_run(measured.claims, RunState.COMPLETE)
    row = measured.read()
    assert (row.source, row.changed_at) == (FreshnessSource.LINEAGE_RUN, at)
    assert "s3:ListBucket" in row.trouble or "Access" in row.trouble


def test_a_view_is_as_fresh_as_the_oldest_table_that_it_reads(measured: Measured) -> None:
    Table.objects.filter(pk=measured.claims.pk).update(view={"sql": "SELECT 1"})
    row = measured.read()
    assert (row.source, row.changed_at) == ("", None)


def test_a_table_that_is_gone_from_glue_is_not_known(measured: Measured) -> None:
    measured.cloud.client("glue", GOVERNANCE).delete_table(DatabaseName=DATABASE, Name="claims")
    assert measured.read().changed_at is None


def test_a_tombstone_is_not_read(measured: Measured) -> None:
    Table.objects.filter(pk=measured.claims.pk).update(tombstoned_at=clock.now())
    with as_role("meshmarket_worker"):
        read_freshness(measured.claims.pk)
    assert not TableFreshness.objects.exists()


def test_a_throttled_reading_slows_down_and_says_so(measured: Measured) -> None:
    fault = {"operation": "GetTable", "kind": "throttle", "count": 20}
    measured.cloud.control("faults", fault)
    row = measured.read()
    measured.cloud.control("faults", method="DELETE")
    assert row.changed_at is None
    assert row.trouble


def write_run(table: Table, state: RunState) -> datetime:
    at = clock.now() - timedelta(hours=1)
    assert table.database.domain is not None
    seen = {"first_seen": at, "last_seen": at}
    assert table.database.domain is not None
    job = LineageJob.objects.create(
        team=table.database.domain.owner_team, key="00000000-0000-0000-0000-000000000001", name="load", **seen
    )
    dataset = LineageDataset.objects.create(
        key="00000000-0000-0000-0000-000000000002",
        name="claims",
        match=MatchKind.LOCATION,
        table=table,
        **seen,
    )
    DatasetLink.objects.create(job=job, dataset=dataset, is_output=True, **seen)
    LineageRun.objects.create(
        job=job, run_id="00000000-0000-0000-0000-000000000003", state=state, state_at=at, last_event_at=at
    )
    return at
