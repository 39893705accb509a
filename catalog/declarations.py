"""People, teams, catalogs, domains and products as a file says them: the first ones of a mesh, without clicks.

What is there already stays as people left it; of a person the teams and roles are added, of a domain the databases that
belong to nobody yet. `docs/first-mesh.md` shows the files.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field, Model

from audit.actions import record_event
from catalog.mirror.models import Database, Table
from catalog.products.domain_consistency import explain_domain_refusal, explain_table_refusal
from catalog.products.fields import PRODUCT_FIELDS
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.role_changes import database_domain_change, new_domain_change, new_product_change
from catalog.search.index.indexing import index_products
from decisions.states import DecisionState
from identity.accounts import Account, ConnectedCatalog, is_role_of_account
from identity.keys import normalize_account_id
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.changes import (
    ProposedRoleChange,
    build_membership_change,
    build_password_change,
    build_platform_role_change,
)
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import make_role_change, propose_role_change
from kernel.errors import RefusedError

DECLARED_FIELDS = " ".join(one.name for one in PRODUCT_FIELDS if one.is_declared)
FIELDS: dict[str, tuple[type[Model], str]] = {
    "teams": (Team, "slug name"),
    "people": (Person, "email name"),
    "catalogs": (ConnectedCatalog, "short_name region kind location_role_arn"),
    "domains": (Domain, "slug name"),
    "products": (DataProduct, f"slug tier {DECLARED_FIELDS}"),
}
"""By section the model and those of its fields that a row gives."""
LISTS = ("tables", "databases", "platform_roles", "keywords")
TEXTS = ("account", "catalog", "owner_team", "domain", "owner")
"""What names another row, which is looked up later."""


def find_wrong_values(section: str, row: Mapping[str, Any]) -> Iterator[str]:
    """A text for each value that is too long or otherwise wrong, beginning with its field."""
    model, names = FIELDS[section]
    for name, value in row.items():
        if name in LISTS:
            yield from _find_wrong_items(model, names, name, value)
        elif name == "teams":
            if not isinstance(value, dict) or not all(isinstance(roles, list) for roles in value.values()):
                yield "teams: must map each team to a list of roles"
        elif name in TEXTS or name in names.split():
            yield from _find_value_faults(_get_field(model, name, names), name, value)


def describe_lengths() -> str:
    """The longest value of each field, in characters."""
    return "; ".join(
        f"{section}: "
        + ", ".join(
            f"{name} {length}"
            for name in names.split()
            if (length := _get_max_length(model, name)) is not None
        )
        for section, (model, names) in FIELDS.items()
    )


def _find_wrong_items(model: type[Model], names: str, name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{name}: must be a list"
        return
    for position, item in enumerate(value):
        yield from _find_value_faults(_get_field(model, name, names), f"{name}[{position}]", item)


def _find_value_faults(field: "Field[Any, Any] | None", name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name}: must be text; put it in quotes"
    elif "\x00" in value:
        yield f"{name}: must not contain the character 0"
    elif field is not None:
        try:
            field.clean(value, None)
        except ValidationError as error:
            yield f"{name}: {' '.join(error.messages)}"


def _get_field(model: type[Model], name: str, names: str) -> "Field[Any, Any] | None":
    if name not in names.split():
        return None
    field: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]  # noqa: SLF001
    return field.base_field if isinstance(field, ArrayField) else field


def _get_max_length(model: type[Model], name: str) -> int | None:
    field = _get_field(model, name, name)
    return field.max_length if field is not None and not field.choices else None


DeclaredRow = Mapping[str, Any]


class FileRow(dict[Any, Any]):
    """A mapping of a file, and the line in which it begins."""

    line = 0


class DeclarationError(ValueError):
    """The message names the place in the file and the fault, a line for each."""


@dataclass(frozen=True)
class DeclarationContext:
    """Whose word it is, when, and the password with which new people sign in first; empty: with none. What gives power
    waits for a second governor, unless the setting says otherwise: see `identity.role_changes`.
    """

    person: Person
    now: datetime
    password: str

    def propose(self, change: ProposedRoleChange, name: str) -> Iterator[str]:
        """A line for a change that is made or waits for a second governor; no line for one that waits already."""
        known = RoleChange.objects.filter(**change.identifying_fields, state=DecisionState.WAITING).exists()
        try:
            made = propose_role_change(person=self.person, change=change, now=self.now)
        except RefusedError as error:
            raise DeclarationError(error.message) from error
        if made.state == DecisionState.APPROVED:
            yield f"{name} {made}"
        elif not known:
            yield f"proposed {name} {made}: a second governor must confirm"

    def record(self, row: Model, name: str) -> None:
        """The event of the administration pages, for a row that the file made."""
        who, what = f"person:{self.person.pk}", f"{name}:{row.pk}"
        record_event(verb=f"add_{name}", actor=who, subject=what, data={"declared": True}, now=self.now)


@transaction.atomic
def declare(context: DeclarationContext, document: Any) -> list[str]:
    """Create all rows or none. Returns a line for each created row. Raises DeclarationError."""
    return list(_create_sections(context, document))


def _create_sections(declaring: DeclarationContext, document: Any) -> Iterator[str]:
    rows = list(_list_rows(document))
    _raise_all(fault for section, where, row in rows for fault in _find_faults(section, where, row))
    faults: list[str] = []
    for section, where, row in rows:
        try:
            with transaction.atomic():
                made = list(SECTIONS[section][2](declaring, row))
            yield from made
        except DeclarationError as error:
            faults.append(f"{where}: {error}")
    _raise_all(faults)


def _raise_all(faults: Iterable[str]) -> None:
    if text := "\n".join(faults):
        raise DeclarationError(text)


def _list_rows(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Section, place in the file, and row."""
    if not isinstance(document, dict) or set(document) - set(SECTIONS):
        raise DeclarationError(f"a file can only have these sections: {', '.join(SECTIONS)}")
    for section in SECTIONS:
        for position, row in enumerate(document.get(section) or []):
            line = f" (line {row.line})" if isinstance(row, FileRow) else ""
            yield section, f"{section}[{position}]{line}", row


def _find_faults(section: str, where: str, row: Any) -> Iterator[str]:
    needs, takes, _ = SECTIONS[section]
    if not isinstance(row, dict):
        yield f"{where} must be a mapping"
        return
    missing, unknown = set(needs.split()) - set(row), set(row) - {*needs.split(), *takes.split()}
    words = [f"{name} is missing" for name in sorted(missing)]
    words += [f"{name} is unknown" for name in sorted(map(str, unknown))]
    yield from (f"{where}: {fault}" for fault in [*words, *find_wrong_values(section, row)])


def _create_team(declaring: DeclarationContext, row: DeclaredRow) -> Iterator[str]:
    team, is_new = Team.objects.get_or_create(slug=row["slug"], defaults={"name": row["name"]})
    if is_new:
        declaring.record(team, "team")
        yield f"team {team}"


def _create_person(declaring: DeclarationContext, row: DeclaredRow) -> Iterator[str]:
    email = row["email"]
    person = Person.objects.filter(email=email).first()
    if person is None:
        value = row.get("external", False)
        if not isinstance(value, bool):
            raise DeclarationError("external must be true or false")
        person = Person.objects.create_user(email, row["name"], declaring.password or None, is_external=value)
        declaring.record(person, "person")
        if declaring.password:
            make_role_change(person=declaring.person, change=build_password_change(person), now=declaring.now)
        yield f"person {person}"
    for role in row.get("platform_roles", []):
        _check_choice(role, PlatformRole.Role.values)
        if not PlatformRole.objects.filter(person=person, role=role).exists():
            yield from declaring.propose(build_platform_role_change(person, role, held=True), "role")
    for slug, roles in row.get("teams", {}).items():
        for role in roles:
            _check_choice(role, Membership.Role.values)
            team = _find_one(Team, slug, slug=slug)
            if not Membership.objects.filter(person=person, team=team, role=role).exists():
                yield from declaring.propose(
                    build_membership_change(person, team, role, held=True), "membership"
                )


def _create_catalog(declaring: DeclarationContext, row: DeclaredRow) -> Iterator[str]:
    _check_choice(row["kind"], ConnectedCatalog.Kind.values)
    catalog, is_new = ConnectedCatalog.objects.get_or_create(
        short_name=row["short_name"],
        defaults={
            "account": _find_one(Account, row["account"], account_id=normalize_account_id(row["account"])),
            "region": row["region"],
            "kind": row["kind"],
            "location_role_arn": row.get("location_role_arn", ""),
        },
    )
    if is_new:
        arn, account = catalog.location_role_arn, catalog.account
        if arn and not is_role_of_account(arn, account_id=account.account_id, partition=account.partition):
            raise DeclarationError(f"location_role_arn: {arn} is no role of the account {account.account_id}")
        declaring.record(catalog, "connectedcatalog")
        yield f"catalog {catalog}"


def _create_domain(declaring: DeclarationContext, row: DeclaredRow) -> Iterator[str]:
    domain, is_new = Domain.objects.get_or_create(
        slug=row["slug"],
        defaults={
            "name": row["name"],
            "owner_team": _find_one(Team, row["owner_team"], slug=row["owner_team"]),
        },
    )
    if is_new:
        declaring.record(domain, "domain")
        make_role_change(person=declaring.person, change=new_domain_change(domain), now=declaring.now)
        yield f"domain {domain}"
    for name in row.get("databases", []):
        database = _find_one(
            Database, name, name=name, tombstoned_at=None, catalog__short_name=row.get("catalog", "")
        )
        if database.domain is None:
            change = database_domain_change(database, domain)
            database.domain = domain
            _raise_if(explain_domain_refusal(database))
            yield from declaring.propose(change, "database")


def _create_product(declaring: DeclarationContext, row: DeclaredRow) -> Iterator[str]:
    if DataProduct.objects.filter(slug=row["slug"]).exists():
        return
    tables = [_find_table(path) for path in row["tables"]]
    domain = _find_one(Domain, row["domain"], slug=row["domain"])
    for table in tables:
        _raise_if(explain_table_refusal(table, domain.pk))
    product = DataProduct.objects.create(
        domain=domain,
        owner=_find_one(Person, row["owner"], email=row["owner"]),
        **{name: value for name, value in row.items() if name not in {"domain", "owner", "tables"}},
    )
    for position, table in enumerate(tables, start=1):
        ProductTable.objects.create(product=product, table=table, position=position)
    index_products([product.pk])
    declaring.record(product, "dataproduct")
    make_role_change(person=declaring.person, change=new_product_change(product), now=declaring.now)
    yield f"product {product}"


def _find_table(path: str) -> Table:
    database, _, name = path.partition(".")
    live = {"tombstoned_at": None, "database__tombstoned_at": None}
    table: Table = _find_one(Table, path, database__name=database, name=name, **live)
    return table


def _raise_if(why: str) -> None:
    if why:
        raise DeclarationError(why)


def _find_one(model: Any, called: str, /, **wanted: Any) -> Any:
    """The only matching row. Raises DeclarationError when there is none or more than one."""
    rows = list(model.objects.filter(**wanted)[:2])
    if len(rows) != 1:
        said = "is ambiguous" if rows else "does not exist"
        raise DeclarationError(f"the {model.__name__.lower()} {called} {said}")
    return rows[0]


def _check_choice(value: str, values: list[str]) -> None:
    if value not in values:
        raise DeclarationError(f"{value} must be one of {', '.join(values)}")


SECTIONS: dict[str, tuple[str, str, Callable[[DeclarationContext, DeclaredRow], Iterator[str]]]] = {
    "teams": ("slug name", "", _create_team),
    "people": ("email name", "external platform_roles teams", _create_person),
    "catalogs": ("short_name account region kind", "location_role_arn", _create_catalog),
    "domains": ("slug name owner_team", "catalog databases", _create_domain),
    "products": (
        "slug name summary domain owner tables",
        " ".join(["tier", *(one.name for one in PRODUCT_FIELDS if one.is_declared and not one.required)]),
        _create_product,
    ),
}
"""By section: the fields that a row needs, those that it may have, and what makes it."""
