"""Small functions that make the rows a test speaks of. Each names what it leaves to a default."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from catalog.mirror.models import Column, Database, Table
from catalog.products.models import DataProduct, Domain, ProductTable
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.connections import AccountConnection, Checkup
from identity.people.events import record_by_person
from identity.people.models import Membership, Person, PlatformRole, Team
from kernel import clock
from tests.database import as_role
from workers.accounts.principals import WHOLE_ACCOUNT

PASSWORD = "correct horse battery"
BORN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_person(name: str = "Ana Keller", **fields: object) -> Person:
    """A person who can sign in through the test client's `force_login`."""
    email = f"{name.split(maxsplit=1)[0].lower()}.{next(_numbers)}@bank.example"
    with as_role("meshmarket_owner"):
        return Person.objects.create(email=email, name=name, password="!", **fields)


def give_platform_role(person: Person, role: str) -> PlatformRole:
    """As the owner of the database: the web gives roles by role changes alone."""
    with as_role("meshmarket_owner"):
        return PlatformRole.objects.create(person=person, role=role)


def make_auditor(name: str = "Ada Auditor") -> Person:
    person = make_person(name)
    give_platform_role(person, PlatformRole.Role.AUDITOR)
    return person


def make_admin(name: str = "Greta Ruiz") -> Person:
    """A superuser and governance admin."""
    person = make_person(name, is_staff=True, is_superuser=True)
    give_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    return person


def make_team(name: str = "BI", members: Sequence[Person] = (), owners: Sequence[Person] = ()) -> Team:
    team = Team.objects.create(slug=f"team-{next(_numbers)}", name=name)
    add_members(team, Membership.Role.MEMBER, members)
    add_members(team, Membership.Role.DATA_OWNER, owners)
    return team


def add_members(team: Team, role: str, people: Sequence[Person]) -> None:
    with as_role("meshmarket_owner"):
        for person in people:
            Membership.objects.create(team=team, person=person, role=role)


def make_account(team: Team, account_id: str = "", **fields: object) -> Account:
    """A consuming account in eu-central-1, unless the fields say otherwise."""
    number = account_id or f"{next(_numbers):012d}"
    role = f"arn:aws:iam::{number}:role/meshmarket"
    defaults: dict[str, object] = {
        "account_id": number,
        "name": f"Account {team.name}",
        "region": "eu-central-1",
        "is_consumer": True,
        "observer_role_arn": f"{role}-observer",
        "executor_role_arn": f"{role}-executor",
        "external_id": "outside",
    }
    return Account.objects.create(team=team, **defaults | fields)


def make_principal(account: Account, name: str = "bi-reporting", **fields: object) -> Principal:
    number = next(_numbers)
    defaults: dict[str, object] = {
        "arn": f"arn:aws:iam::{account.account_id}:role/{name}",
        "unique_id": f"AROA{number:017d}",
        "first_seen_at": BORN,
    }
    return Principal.objects.create(account=account, name=name, **defaults | fields)


def make_account_principal(account: Account) -> Principal:
    """The account as a principal, as a sync of its roles makes it."""
    words = {"arn": account.account_id, "name": WHOLE_ACCOUNT, "first_seen_at": BORN}
    return Principal.objects.get_or_create(
        unique_id=account.account_id, defaults={**words, "account": account}
    )[0]


def make_catalog(account: Account, short_name: str = "") -> ConnectedCatalog:
    return ConnectedCatalog.objects.create(
        account=account,
        region=account.region,
        kind=ConnectedCatalog.Kind.GOVERNANCE,
        short_name=short_name or f"catalog-{next(_numbers)}",
        location_role_arn=f"arn:aws:iam::{account.account_id}:role/data-location",
    )


def make_domain(owner_team: Team, name: str = "Insurance") -> Domain:
    return Domain.objects.create(slug=f"domain-{next(_numbers)}", name=name, owner_team=owner_team)


def make_database(catalog: ConnectedCatalog, domain: Domain | None, name: str = "insurance_gold") -> Database:
    return Database.objects.create(
        catalog=catalog, domain=domain, name=name, glue_created_at=BORN.isoformat(), digest="0"
    )


def make_table(
    database: Database,
    name: str = "claims",
    columns: Sequence[str] = ("claim_id", "amount", "iban"),
    *,
    partition_keys: Sequence[str] = (),
    sensitive: Sequence[str] = (),
    created: datetime = BORN,
) -> Table:
    """A mirrored table of string columns, public but for the sensitive ones."""
    table = Table.objects.create(
        database=database,
        name=name,
        location=f"s3://gold/{name}/",
        classification="public",
        classes=["public", "sensitive"] if sensitive else ["public"],
        glue_created_at=created.isoformat(),
        digest="0",
        mirrored_at=created,
    )
    for position, column in enumerate([*columns, *partition_keys]):
        make_column(table, column, position, sensitive=column in sensitive, key=column in partition_keys)
    return table


def make_column(
    table: Table, name: str, position: int, *, sensitive: bool = False, key: bool = False
) -> Column:
    return Column.objects.create(
        table=table,
        name=name,
        position=position,
        type="string",
        is_partition_key=key,
        classification="sensitive" if sensitive else "public",
    )


def make_product(domain: Domain, owner: Person, tables: Sequence[Table], name: str = "Claims") -> DataProduct:
    product = DataProduct.objects.create(
        slug=f"product-{next(_numbers)}", name=name, summary="Every claim.", domain=domain, owner=owner
    )
    for position, table in enumerate(tables, start=1):
        ProductTable.objects.create(product=product, table=table, position=position)
    return product


def make_checkup(*, account: Account | None = None, connection: AccountConnection | None = None) -> Checkup:
    """Requested by a governance admin, on the record."""
    person, now, checked = make_admin(), clock.now(), account or connection
    assert checked is not None
    row = Checkup.objects.create(
        account=account, connection=connection, requested_by=person, requested_at=now
    )
    record_by_person("request_checkup", person, f"connection:{checked.account_id}", {"checkup": row.pk}, now)
    return row


def days_from_now(days: int) -> datetime:
    return clock.now() + timedelta(days=days)
