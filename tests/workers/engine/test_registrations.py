"""From an approved registration to a table, and to its engineers' write access; nobody else gains anything."""

import pytest

from audit.models import Event
from catalog.mirror.models import Table
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.queries import get_registration, list_problems
from catalog.registrations.states import RegistrationStatus
from catalog.search.index.models import ORGANISATION, Document
from catalog.sync.models import SyncRun
from decisions.actions import end_proposal
from fulfilment.rounds import Round, Step
from identity.accounts import Account, ConnectedCatalog
from kernel import clock
from lakeformation.values.registered_tables import REGISTRATION_PARAMETER
from tests import factories
from tests.database import as_role
from tests.registrations import GOLD
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.mesh import Mesh
from tests.workers.producer import WRITES, Producer
from workers.sync.runs import run_requested_sync

LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


@pytest.fixture
def mesh(in_process_mesh: Mesh) -> Mesh:
    return in_process_mesh


def test_a_registration_makes_the_table_and_gives_its_engineers_write_access(producer: Producer) -> None:
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    found = producer.find_table(row)
    assert found["StorageDescriptor"]["Location"] == row.location
    assert [one["Name"] for one in found["StorageDescriptor"]["Columns"]] == ["policy_id", "premium"]
    assert [one["Name"] for one in found["PartitionKeys"]] == ["day"]
    assert found["Parameters"] | {"tier": "gold", REGISTRATION_PARAMETER: str(row.pk)} == found["Parameters"]
    engineer = producer.mesh.roles[producer.account].arn
    assert producer.list_holders() == {engineer: WRITES}
    assert not [e for e in Event.objects.filter(subject__startswith=row.subject) if e.verb == "fail_intent"]
    calls = list(
        Step.objects.filter(sent_at__isnull=False).values_list("operation", flat=True).order_by("pk")
    )
    assert calls[:3] == ["RegisterResource", "CreateDatabase", "CreateTable"]


def test_search_finds_a_registered_table_before_the_next_scheduled_sync(producer: Producer) -> None:
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    reading = SyncRun.objects.get(catalog=row.catalog, database=row.database, started_at=None)
    with as_role("meshmarket_worker"):
        run_requested_sync(reading.pk)
    reading.refresh_from_db()
    assert (reading.outcome, reading.error) == (SyncRun.Outcome.DONE, "")
    table = Table.objects.get(database__catalog=row.catalog, database__name=row.database, name=row.table)
    assert table.database.domain == row.domain
    assert Document.objects.filter(pk=table.pk, visibility=ORGANISATION).exists()
    producer.mesh.run_rounds(3)
    assert not SyncRun.objects.filter(catalog=row.catalog, started_at=None).exists()


def test_a_scan_that_finds_all_as_registered_writes_nothing(producer: Producer) -> None:
    producer.run_until(producer.register(), RegistrationStatus.REGISTERED)
    since, rounds = producer.mesh.get_last_call(), Round.objects.count()
    producer.mesh.run_rounds(6)
    assert (producer.mesh.list_writes(since), Round.objects.count()) == ([], rounds)


def test_two_registrations_share_the_database_and_each_other_s_end_does_no_harm(producer: Producer) -> None:
    first, second = producer.register("policies"), producer.register("claims")
    for row in (first, second):
        producer.run_until(row, RegistrationStatus.REGISTERED)
    with as_role("meshmarket_web"):
        end_proposal(
            kind=REGISTRATION,
            acting_user=producer.mesh.owner,
            pk=first.pk,
            reason="Moved.",
            now=clock.now(),
        )
    producer.run_until(first, RegistrationStatus.ENDED)
    assert producer.find_table(first)
    assert producer.list_holders() == {producer.mesh.roles[producer.account].arn: WRITES}
    producer.mesh.run_rounds(4)
    assert producer.get_status(second) == RegistrationStatus.REGISTERED


def test_an_ended_registration_takes_back_the_access_and_deletes_nothing(producer: Producer) -> None:
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    end_proposal(
        kind=REGISTRATION,
        acting_user=producer.mesh.owner,
        pk=row.pk,
        reason="Moved.",
        now=clock.now(),
    )
    producer.run_until(row, RegistrationStatus.ENDED)
    assert (producer.list_holders(), producer.find_table(row)["Name"]) == ({}, row.table)


def test_a_table_that_vanishes_is_drift_and_is_made_again(producer: Producer) -> None:
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    producer.mesh.governance_client("glue").delete_table(DatabaseName=row.database, Name=row.table)
    run_rounds_until(lambda: Event.objects.filter(verb="found_drift", subject=row.subject).exists())
    producer.run_until(row, RegistrationStatus.REGISTERED)
    assert Event.objects.filter(verb="found_drift", subject=row.subject).count() == 1
    assert producer.list_holders() == {producer.mesh.roles[producer.account].arn: WRITES}


def test_a_changed_table_is_reported_and_not_overwritten(producer: Producer) -> None:
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    found = producer.find_table(row)
    kept = ("Name", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
    changed = {name: found[name] for name in kept}
    changed["StorageDescriptor"]["Columns"].append({"Name": "extra", "Type": "string"})
    producer.mesh.governance_client("glue").update_table(DatabaseName=row.database, TableInput=changed)
    since = producer.mesh.get_last_call()
    producer.run_until(row, RegistrationStatus.REGISTERING)
    producer.mesh.run_rounds(3)
    assert (
        "column extra was not registered" in list_problems(get_registration(producer.mesh.owner, row.pk))[0]
    )
    assert producer.mesh.list_writes(since) == []
    changed["StorageDescriptor"]["Columns"].pop()
    producer.mesh.governance_client("glue").update_table(DatabaseName=row.database, TableInput=changed)
    producer.run_until(row, RegistrationStatus.REGISTERED)


def test_a_table_of_somebody_else_is_never_taken_over(producer: Producer) -> None:
    glue = producer.mesh.governance_client("glue")
    glue.create_database(DatabaseInput={"Name": producer.database, "CreateTableDefaultPermissions": []})
    glue.create_table(DatabaseName=producer.database, TableInput={"Name": "policies"})
    row = producer.register()
    since = producer.mesh.get_last_call()
    producer.mesh.run_rounds(8)
    assert (
        "was not made for this registration"
        in list_problems(get_registration(producer.mesh.owner, row.pk))[0]
    )
    assert "CreateTable" not in producer.mesh.list_writes(since)


def test_a_database_that_opens_new_tables_gets_none(producer: Producer) -> None:
    everyone = {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Permissions": ["ALL"],
    }
    glue = producer.mesh.governance_client("glue")
    glue.create_database(
        DatabaseInput={"Name": producer.database, "CreateTableDefaultPermissions": [everyone]}
    )
    row = producer.register()
    since = producer.mesh.get_last_call()
    producer.mesh.run_rounds(8)
    assert "default permissions" in list_problems(get_registration(producer.mesh.owner, row.pk))[0]
    assert "CreateTable" not in producer.mesh.list_writes(since)


def test_a_registered_csv_is_read_as_its_source_is(producer: Producer) -> None:
    """With its header, its separator and nothing that readers do not need."""
    location = f"{GOLD}{producer.database}/policies/"
    account = Account.objects.get(account_id=producer.account)
    home = factories.make_catalog(account)
    ConnectedCatalog.objects.filter(pk=home.pk).update(kind=ConnectedCatalog.Kind.PRODUCER)
    source = factories.make_table(factories.make_database(home, None, "raw"), "policies")
    Table.objects.filter(pk=source.pk).update(
        location=location,
        data_format="csv",
        parameters={"skip.header.line.count": "1", "classification": "csv", "UPDATED_BY_CRAWLER": "raw"},
        storage={
            "input": "org.apache.hadoop.mapred.TextInputFormat",
            "output": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "serde": LAZY_SIMPLE,
            "serde_parameters": {"field.delim": ";"},
            "bucket_columns": ["policy_id"],
            "buckets": 8,
            "sort_columns": ["premium desc"],
        },
    )
    row = producer.register(data_format="csv")
    assert row.storage["left_out"] == ["UPDATED_BY_CRAWLER", "classification"]
    producer.run_until(row, RegistrationStatus.REGISTERED)
    found = producer.find_table(row)
    serde = found["StorageDescriptor"]["SerdeInfo"]
    assert (serde["SerializationLibrary"], serde["Parameters"]) == (LAZY_SIMPLE, {"field.delim": ";"})
    assert (
        found["StorageDescriptor"]
        | {
            "BucketColumns": ["policy_id"],
            "NumberOfBuckets": 8,
            "SortColumns": [{"Column": "premium", "SortOrder": 0}],
        }
        == found["StorageDescriptor"]
    )
    assert found["Parameters"]["skip.header.line.count"] == "1"
    assert "UPDATED_BY_CRAWLER" not in found["Parameters"]
    kept = ("Name", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
    changed = {name: found[name] for name in kept}
    serde["Parameters"] = {"field.delim": ","}
    producer.mesh.governance_client("glue").update_table(DatabaseName=row.database, TableInput=changed)
    producer.run_until(row, RegistrationStatus.REGISTERING)
    problems = list_problems(get_registration(producer.mesh.owner, row.pk))
    assert "its SerDe parameter field.delim is not ;" in problems[0]
