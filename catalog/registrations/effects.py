"""What an approval of a registration makes true: the table, and what the producer's engineer role may do with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.registrations.models import Registration
from fulfilment.observations.models import RegisteredLocation
from fulfilment.observations.storage import build_parties, get_data_catalog
from lakeformation.access.table_access import WriteAccess
from lakeformation.observation.reading import is_path_covered
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import convert_permission_columns_to_json
from lakeformation.values.registered_tables import RegisteredColumn, RegisteredTable, TableStorage


def build_registered_table(registration: Registration) -> RegisteredTable:
    return RegisteredTable(
        get_data_catalog(registration.catalog),
        registration.database,
        registration.table,
        registration.pk,
        registration.location,
        registration.catalog.location_role_arn,
        registration.data_format,
        tuple(map(RegisteredColumn.from_json, registration.columns)),
        tuple(map(RegisteredColumn.from_json, registration.partition_keys)),
        registration.description,
        tuple(sorted(registration.parameters.items())),
        storage=TableStorage.from_json(registration.storage) if registration.storage else None,
    )


def build_write_access(registration: Registration) -> WriteAccess:
    parties = build_parties(registration.engineer, registration.catalog)
    return WriteAccess(parties=parties, database=registration.database, table=registration.table)


def build_effects(registration: Registration) -> dict[str, Any]:
    """As both intents carry them. They depend on what was asked for and on the account, never on the state of AWS."""
    access = build_write_access(registration)
    return {
        "registration": build_registered_table(registration).to_json(),
        "access": access.to_json(),
        "atoms": convert_permission_columns_to_json(access.permissions),
        "exception": registration.exception_reason,
    }


def compute_effects_hash(registration: Registration) -> str:
    return digest(build_effects(registration))


@dataclass(frozen=True)
class RegistrationCall:
    """One AWS call to come: in which account, by which role, and what it does."""

    account: str
    role: str
    operation: str
    what: str


def preview_calls(registration: Registration) -> Iterator[RegistrationCall]:
    """The calls that the workers make for it, if nothing of it is there yet but what was read of locations. One query."""
    home, producer = registration.catalog.account, registration.producer
    access, table = build_write_access(registration), build_registered_table(registration)
    arns = RegisteredLocation.objects.filter(catalog=registration.catalog).values_list("arn", flat=True)
    owner = (home.account_id, home.executor_role_arn)
    if not any(is_path_covered(arn, table.data_location.arn) for arn in arns):
        yield RegistrationCall(*owner, "RegisterResource", registration.location)
    yield RegistrationCall(*owner, "CreateDatabase", registration.database)
    yield RegistrationCall(*owner, "CreateTable", str(registration))
    own = [one for one, _ in access.permissions if one.catalog == access.owner_catalog]
    for one in own:
        yield RegistrationCall(
            *owner, "BatchGrantPermissions", f"{one.verb} {one.resource.replace('/', '.')}"
        )
    receiver = (producer.account_id, producer.executor_role_arn)
    if access.is_cross_account and not producer.in_organisation:
        yield RegistrationCall(*receiver, "AcceptResourceShareInvitation", home.account_id)
    for link in access.links:
        yield RegistrationCall(*receiver, "CreateDatabase", link.display_name)
        yield RegistrationCall(*receiver, "BatchGrantPermissions", f"DESCRIBE {link.display_name}")
