"""What a producer changes in its own catalog reaches the registered table: additions alone, the rest when approved."""

from audit import clock
from catalog.mirror.models import Table
from catalog.registrations.actions import end_registration
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.states import RegistrationStatus
from fulfilment.rounds.models import Step
from tests.database import as_role
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
        end_registration(
            acting_user=producer.mesh.owner, registration_id=row.pk, reason="Moved.", now=clock.now()
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
