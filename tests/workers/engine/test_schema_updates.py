"""What a producer changes in its own catalog reaches the registered table: additions alone, the rest when approved."""

from typing import Any

from catalog.mirror.models import Column, Table
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_registration, list_problems
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.states import RegistrationStatus
from decisions.actions import end_proposal
from fulfilment.rounds import Step
from identity.accounts import Account, ConnectedCatalog
from kernel import clock
from tests import factories
from tests.database import as_role
from tests.registrations import COLUMNS, GOLD
from tests.schema_updates import NEW_COLUMN, approve_update, change_source, find_updates, make_source
from tests.workers.producer import WRITES, Producer

REGISTERED = [("policy_id", "string"), ("premium", "decimal(12,2)")]


def register(producer: Producer) -> tuple[Registration, Table]:
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    return row, make_source(row)


def list_columns(producer: Producer, row: Registration) -> list[tuple[str, str]]:
    storage = producer.find_table(row)["StorageDescriptor"]
    return [(one["Name"], one["Type"]) for one in storage["Columns"]]


def test_an_added_column_is_carried_into_the_registered_table_by_itself(producer: Producer) -> None:
    row, source = register(producer)
    holders, before = producer.list_holders(), producer.find_table(row)
    assert find_updates() == 0
    change_source(source, [*REGISTERED, NEW_COLUMN])
    assert (find_updates(), find_updates()) == (1, 0)
    assert producer.get_status(row) == RegistrationStatus.REGISTERING
    producer.run_until(row, RegistrationStatus.REGISTERED)
    assert list_columns(producer, row) == [*REGISTERED, NEW_COLUMN]
    after = producer.find_table(row)
    assert {**after["StorageDescriptor"], "Columns": 0} == {**before["StorageDescriptor"], "Columns": 0}
    assert (after["Parameters"], after["PartitionKeys"]) == (before["Parameters"], before["PartitionKeys"])
    assert producer.list_holders() == holders
    assert Step.objects.filter(operation="UpdateTable", sent_at__isnull=False).count() == 1


def test_a_removed_column_waits_for_the_data_owner(producer: Producer) -> None:
    row, source = register(producer)
    change_source(source, REGISTERED[:1])
    assert find_updates() == 1
    producer.mesh.run_rounds(4)
    assert list_columns(producer, row) == REGISTERED
    with as_role("meshmarket_web"):
        approve_update(producer.mesh.owner, SchemaUpdate.objects.get())
    producer.run_until(row, RegistrationStatus.REGISTERED)
    assert list_columns(producer, row) == REGISTERED[:1]


def test_two_updates_in_turn_and_an_end_after_them(producer: Producer) -> None:
    row, source = register(producer)
    for columns in ([*REGISTERED, NEW_COLUMN], [*REGISTERED, NEW_COLUMN, ("branch", "string")]):
        change_source(source, columns)
        assert find_updates() == 1
        producer.run_until(row, RegistrationStatus.REGISTERED)
        assert list_columns(producer, row) == columns
    with as_role("meshmarket_web"):
        end_proposal(
            kind=REGISTRATION,
            acting_user=producer.mesh.owner,
            pk=row.pk,
            reason="Moved.",
            now=clock.now(),
        )
    producer.run_until(row, RegistrationStatus.ENDED)
    assert not set(producer.list_holders()) & {producer.mesh.roles[producer.account].arn}
    assert list_columns(producer, row) == columns


def test_columns_that_an_engineer_changed_meanwhile_are_not_overwritten(producer: Producer) -> None:
    row, source = register(producer)
    change_source(source, [*REGISTERED, NEW_COLUMN])
    assert find_updates() == 1
    found = producer.find_table(row)
    altered = [{"Name": "policy_id", "Type": "string"}]
    members = {name: found[name] for name in ("Name", "TableType", "Parameters", "PartitionKeys")}
    storage = {**found["StorageDescriptor"], "Columns": altered}
    producer.mesh.governance_client("glue").update_table(
        DatabaseName=row.database, TableInput={**members, "StorageDescriptor": storage}
    )
    producer.mesh.run_rounds(6)
    assert list_columns(producer, row) == [("policy_id", "string")]
    assert producer.get_status(row) == RegistrationStatus.REGISTERING
    assert producer.list_holders() == {producer.mesh.roles[producer.account].arn: WRITES}


def make_stored_source(producer: Producer, storage: dict[str, Any], parameters: dict[str, str]) -> Table:
    """Before the registration is requested."""
    home = factories.make_catalog(Account.objects.get(account_id=producer.account))
    ConnectedCatalog.objects.filter(pk=home.pk).update(kind=ConnectedCatalog.Kind.PRODUCER)
    table = factories.make_table(factories.make_database(home, None, "raw"), "policies", columns=())
    for position, one in enumerate(COLUMNS):
        Column.objects.create(table=table, position=position, is_partition_key=False, **one)
    location = f"{GOLD}{producer.database}/policies/"
    Table.objects.filter(pk=table.pk).update(location=location, storage=storage, parameters=parameters)
    return table


def change_storage(table: Table, digest: str, **values: Any) -> None:
    """As a sync writes it."""
    Table.objects.filter(pk=table.pk).update(digest=digest, **values)


def test_a_changed_separator_waits_for_the_data_owner_and_replaces_the_storage(producer: Producer) -> None:
    storage = {
        "input": "org.apache.hadoop.mapred.TextInputFormat",
        "output": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "serde": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "serde_parameters": {"field.delim": ",", "line.delim": "\n"},
    }
    source = make_stored_source(producer, storage, {"skip.header.line.count": "1"})
    row = producer.register(data_format="csv")
    producer.run_until(row, RegistrationStatus.REGISTERED)
    change_storage(source, "b", storage={**storage, "serde_parameters": {"field.delim": ";"}}, parameters={})
    assert find_updates() == 1
    update = SchemaUpdate.objects.get()
    assert {(one["what"], one["name"], one["after"]) for one in update.changes} == {
        ("serde_parameter_changed", "field.delim", ";"),
        ("serde_parameter_changed", "line.delim", ""),
        ("parameter_changed", "skip.header.line.count", ""),
    }
    assert update.is_breaking
    with as_role("meshmarket_web"):
        approve_update(producer.mesh.owner, update)
    producer.run_until(row, RegistrationStatus.REGISTERED)
    found = producer.find_table(row)
    assert found["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": ";"}
    assert "skip.header.line.count" not in found["Parameters"]
    assert found["Parameters"]["tier"] == "gold"
    assert (find_updates(), find_updates()) == (0, 0)


def test_an_iceberg_table_follows_its_source_until_somebody_else_writes_to_it(producer: Producer) -> None:
    first, second, third = ({"table_type": "ICEBERG", "metadata_location": f"s3://x/{n}"} for n in "123")
    source = make_stored_source(producer, {}, first)
    row = producer.register(partition_keys=())
    producer.run_until(row, RegistrationStatus.REGISTERED)
    found = producer.find_table(row)
    assert (found["Parameters"]["metadata_location"], found["StorageDescriptor"].get("SerdeInfo", {})) == (
        "s3://x/1", {},
    )  # fmt: skip
    change_storage(source, "b", parameters=second)
    assert find_updates() == 1
    producer.run_until(row, RegistrationStatus.REGISTERED)
    assert producer.find_table(row)["Parameters"]["metadata_location"] == "s3://x/2"
    written = {
        **found,
        "Parameters": {**producer.find_table(row)["Parameters"], "metadata_location": "s3://y"},
    }
    kept = ("Name", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
    producer.mesh.governance_client("glue").update_table(
        DatabaseName=row.database, TableInput={name: written[name] for name in kept if name in written}
    )
    producer.mesh.run_rounds(3)
    assert producer.get_status(row) == RegistrationStatus.REGISTERED
    change_storage(source, "c", parameters=third)
    assert find_updates() == 1
    producer.mesh.run_rounds(6)
    problems = list_problems(get_registration(producer.mesh.owner, row.pk))
    assert "no longer follows its source" in problems[0]
    assert producer.find_table(row)["Parameters"]["metadata_location"] == "s3://y"
