"""Glue's events bring a change into the mirror at once; doubled, late, overtaken or lost ones do no harm."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.mirror.models import Database, SchemaChange, Table
from catalog.sync.models import SyncRun, SyncSettings
from demo.bank.accounts import INSURANCE, REINSURANCE_REGION
from fulfilment.intents.actions import catalog_scope_key
from fulfilment.intents.models import Wake
from fulfilment.rounds import Scope
from identity.accounts import ConnectedCatalog
from mocklake.testing.server import Cloud
from tests.database import as_operator
from tests.workers.sync.conftest import DATABASE, make_table, sync_successfully
from workers.aws.errors import RETRY_PAUSES, AwsError
from workers.sync.events import find_named_tables, process_events

pytestmark = pytest.mark.django_db

PATTERN = {"source": ["aws.glue", "aws.lakeformation"]}
ARN = f"arn:aws:sqs:{REINSURANCE_REGION}:{INSURANCE}:glue-events"
EXPECTED_CALLS = len(RETRY_PAUSES) + 1
"""Times that a reading asks before it gives up."""


@pytest.fixture
def listening(catalog: ConnectedCatalog, cloud: Cloud) -> Iterator[SyncSettings]:
    """The catalog was read, and from now on a rule leaves Glue's events in a queue that the observer may read."""
    sync_successfully(catalog)
    sqs = cloud.client("sqs", INSURANCE, region=REINSURANCE_REGION)
    events = cloud.client("events", INSURANCE, region=REINSURANCE_REGION)
    fill = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    read = {"Effect": "Allow", "Principal": {"AWS": catalog.account.observer_role_arn}, "Action": "sqs:*"}
    policy = {"Statement": [{**each, "Resource": ARN} for each in (fill, read)]}
    attributes = {"Policy": json.dumps(policy), "VisibilityTimeout": "1"}
    url = sqs.create_queue(QueueName="glue-events", Attributes=attributes)["QueueUrl"]
    events.put_rule(Name="glue", EventPattern=json.dumps(PATTERN))
    events.put_targets(Rule="glue", Targets=[{"Id": "queue", "Arn": ARN}])
    with as_operator():
        made = SyncSettings.objects.create(catalog=catalog, events_queue_url=url)
    yield made
    events.remove_targets(Rule="glue", Ids=["queue"])
    events.delete_rule(Name="glue")
    sqs.delete_queue(QueueUrl=url)


def take_all_events(listening: SyncSettings) -> int:
    count = 0
    while taken := process_events(listening, seconds=0):
        count += taken
    return count


def get_live_table(name: str) -> Table | None:
    return Table.objects.filter(name=name, tombstoned_at=None).first()


def test_a_change_is_mirrored_by_its_event_and_the_next_sync_has_nothing_to_do(
    listening: SyncSettings, glue: Any
) -> None:
    make_table(glue, "told", "before")
    assert take_all_events(listening) == 1
    assert get_live_table("told") is not None
    columns = [{"Name": "id", "Type": "bigint", "Comment": "after"}]
    glue.update_table(
        DatabaseName=DATABASE, TableInput={"Name": "told", "StorageDescriptor": {"Columns": columns}}
    )
    assert take_all_events(listening) == 1

    assert SchemaChange.objects.get().table == get_live_table("told")
    assert sync_successfully(listening.catalog).changed == 0
    glue.delete_table(DatabaseName=DATABASE, Name="told")
    take_all_events(listening)
    assert get_live_table("told") is None


@pytest.mark.usefixtures("hiding")
def test_an_event_of_an_end_is_mirrored_where_what_is_gone_looks_forbidden(
    listening: SyncSettings, glue: Any
) -> None:
    make_table(glue, "hidden")
    take_all_events(listening)
    glue.delete_table(DatabaseName=DATABASE, Name="hidden")
    take_all_events(listening)
    assert get_live_table("hidden") is None


def test_a_table_with_tags_has_them_by_its_event_too(listening: SyncSettings, glue: Any) -> None:
    Table.objects.filter(name="treaties").update(digest="unread", tags={})
    found = glue.get_table(DatabaseName=DATABASE, Name="treaties")["Table"]
    kept = ("Name", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
    wanted = {key: found[key] for key in kept if key in found}
    glue.update_table(DatabaseName=DATABASE, TableInput={**wanted, "Description": "Told again"})

    take_all_events(listening)

    assert Table.objects.get(name="treaties").tags["tier"]
    assert sync_successfully(listening.catalog).changed == 0


@pytest.mark.parametrize(
    "fault", [{"kind": "event_twice"}, {"kind": "event_overtaken"}, {"kind": "event_missing"}]
)
def test_ill_manners_of_events_do_no_harm(
    listening: SyncSettings, glue: Any, cloud: Cloud, fault: dict[str, str]
) -> None:
    cloud.control("faults", fault)
    for name in ("ill_1", "ill_2"):
        make_table(glue, name)
    glue.delete_table(DatabaseName=DATABASE, Name="ill_1")
    take_all_events(listening)
    cloud.control("faults", method="DELETE")

    sync_successfully(listening.catalog)

    assert (get_live_table("ill_1"), get_live_table("ill_2") is not None) == (None, True)
    glue.delete_table(DatabaseName=DATABASE, Name="ill_2")


def test_databases_come_and_go_by_their_events(listening: SyncSettings, glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "fleeting"})
    glue.create_table(DatabaseName="fleeting", TableInput={"Name": "leaf"})
    take_all_events(listening)
    assert get_live_table("leaf") is not None
    glue.delete_database(Name="fleeting")

    take_all_events(listening)

    assert get_live_table("leaf") is None
    assert not Database.objects.filter(name="fleeting", tombstoned_at=None).exists()


def test_of_a_large_database_that_is_gone_a_reading_decides(listening: SyncSettings, glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "large"})
    for number in range(11):
        glue.create_table(DatabaseName="large", TableInput={"Name": f"leaf_{number}"})
    take_all_events(listening)
    glue.delete_database(Name="large")

    take_all_events(listening)

    assert get_live_table("leaf_0") is not None
    assert SyncRun.objects.get(started_at=None).database == "large"


def test_what_cannot_be_looked_at_now_comes_again(listening: SyncSettings, glue: Any, cloud: Cloud) -> None:
    make_table(glue, "again")
    fault = {
        "kind": "error",
        "code": "InternalServiceException",
        "operation": "GetTable",
        "count": EXPECTED_CALLS,
    }
    cloud.control("faults", fault)
    with pytest.raises(AwsError):
        process_events(listening, seconds=0)

    while not process_events(listening, seconds=2):
        pass

    assert get_live_table("again") is not None
    glue.delete_table(DatabaseName=DATABASE, Name="again")


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"source": "aws.s3", "detail": {"databaseName": "gold", "changedTables": ["claims"]}},
        {"source": "aws.glue", "detail": "none"},
        {"source": "aws.glue", "detail": {"databaseName": 7}},
    ],
)
def test_what_makes_no_sense_is_passed_over(event: dict[str, Any] | None) -> None:
    assert find_named_tables([event]) == {}


def test_events_of_one_database_are_looked_at_together() -> None:
    def told(**detail: Any) -> dict[str, Any]:
        return {"source": "aws.glue", "detail": {"databaseName": "gold", **detail}}

    events = [told(changedTables=["a", "b"]), told(tableName="b"), told(changedTables=[None, 7])]
    assert find_named_tables(events) == {"gold": {"a", "b"}}


def test_a_grant_past_us_that_a_trail_logs_wakes_its_catalog(listening: SyncSettings, cloud: Cloud) -> None:
    catalog = listening.catalog
    log_writes(cloud)
    key = catalog_scope_key(catalog.pk)
    Scope.objects.create(key=key, kind="catalog", catalog=catalog)
    cloud.client("lakeformation", INSURANCE, region=REINSURANCE_REGION).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": catalog.account.observer_role_arn},
        Resource={"Database": {"Name": DATABASE}}, Permissions=["DESCRIBE"],
    )  # fmt: skip
    assert take_all_events(listening) == 1
    assert Wake.objects.filter(scope_key=key).exists()


def log_writes(cloud: Cloud) -> None:
    s3 = cloud.client("s3", INSURANCE, region=REINSURANCE_REGION)
    where = {"LocationConstraint": REINSURANCE_REGION}
    s3.create_bucket(Bucket="logged", CreateBucketConfiguration=where)
    trail, bucket = {"Service": "cloudtrail.amazonaws.com"}, "arn:aws:s3:::logged"
    allowed = [
        {"Effect": "Allow", "Principal": trail, "Action": "s3:GetBucketAcl", "Resource": bucket},
        {"Effect": "Allow", "Principal": trail, "Action": "s3:PutObject", "Resource": f"{bucket}/*"},
    ]
    s3.put_bucket_policy(Bucket="logged", Policy=json.dumps({"Statement": allowed}))
    trails = cloud.client("cloudtrail", INSURANCE, region=REINSURANCE_REGION)
    trails.create_trail(Name="logged", S3BucketName="logged")
    trails.start_logging(Name="logged")
