"""Changes made outside the portal: differences between proven or justified state and one reading, by kind."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lakeformation.access.access import Access
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.planning.desired import (
    DesiredState,
    IntentSpec,
    add_previous_link_naming,
    build_justification,
)
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, SELECT, HeldPermissions, Permission
from lakeformation.values.resource_links import Link
from lakeformation.values.row_policies import RowPolicies, TableTags
from lakeformation.values.wording import (
    describe_cells_filter,
    describe_columns,
    describe_condition,
    describe_permission,
)

MIN_CROSS_ACCOUNT_VERSION = 3
"""Below this cross-account version AWS refuses grants to roles of other accounts (AWS, "cross-account versions")."""


class DifferenceKind(StrEnum):
    """One class of differences each; what they mean and what to do is in `fulfilment.permissions.finding_kinds`."""

    MISSING = "missing"
    FEWER_COLUMNS = "fewer_columns"
    FILTER_CHANGED = "filter_changed"
    FILTER_DELETED = "filter_deleted"
    SHARE_GONE = "share_gone"
    TABLE_RECREATED = "table_recreated"
    TABLE_DELETED = "table_deleted"
    PRINCIPAL_RECREATED = "principal_recreated"
    PRINCIPAL_DELETED = "principal_deleted"
    LINK_DROPPED = "link_dropped"
    LINK_REPOINTED = "link_repointed"
    LINK_NAME_TAKEN = "link_name_taken"
    LOCATION_DEREGISTERED = "location_deregistered"
    OPT_IN_REMOVED = "opt_in_removed"
    MORE_COLUMNS = "more_columns"
    SURPLUS_OURS = "surplus_ours"
    SURPLUS_FOREIGN = "surplus_foreign"
    IAM_ALLOWED_BACK = "iam_allowed_back"
    VERSION_LOWERED = "version_lowered"
    WIDENED = "widened"
    NARROWED = "narrowed"
    EXPRESSION_CHANGED = "expression_changed"
    ADMINISTRATOR_ADDED = "administrator_added"
    UNJUSTIFIED = "unjustified"
    TAGS_CHANGED = "tags_changed"
    UNKNOWN_PERMISSION = "unknown_permission"
    ROW_POLICY = "row_policy"


CATALOG_KINDS = frozenset(
    {
        DifferenceKind.MORE_COLUMNS, DifferenceKind.SURPLUS_OURS, DifferenceKind.SURPLUS_FOREIGN, DifferenceKind.IAM_ALLOWED_BACK, DifferenceKind.VERSION_LOWERED,
        DifferenceKind.WIDENED, DifferenceKind.NARROWED, DifferenceKind.EXPRESSION_CHANGED, DifferenceKind.ADMINISTRATOR_ADDED,
        DifferenceKind.UNKNOWN_PERMISSION, DifferenceKind.ROW_POLICY,
    }
)  # fmt: skip
"""Seen in one reading of the catalog alone, and gone as soon as one no longer shows them; the others concern
intents, and are gone when these are proven anew."""


@dataclass(frozen=True)
class Difference:
    """`permission` with `columns` is what a surplus holds; `subject` tells differences of one kind apart."""

    kind: DifferenceKind
    principal: str
    database: str
    table: str
    text: str
    intents: tuple[int, ...] = ()
    permission: Permission | None = None
    columns: ColumnSet | None = None
    subject: str = ""

    @property
    def key(self) -> str:
        """The same as long as it is about the same thing, whatever the columns."""
        atom = self.permission.to_json() if self.permission else None
        told = [self.kind, self.principal, self.database, self.table, self.subject, list(self.intents), atom]
        return digest(told)

    def atom_json(self) -> dict[str, Any] | None:
        """The permission with its columns, or None where none is too much."""
        if self.permission is None or self.columns is None:
            return None
        return {**self.permission.to_json(), "columns": self.columns.to_json()}


def find_share_differences(
    specs: Iterable[IntentSpec], goal: DesiredState, seen: Observation
) -> Iterator[Difference]:
    """What proven live intents lack in a complete reading of their share scope."""
    for wish in specs:
        access = wish.access
        if reason := goal.stale_reasons.get(wish.intent_id):
            if seen.principals.get(access.principal_arn) is None:
                stale_kind = DifferenceKind.PRINCIPAL_DELETED
            elif seen.principals[access.principal_arn] != access.parties.principal_id:
                stale_kind = DifferenceKind.PRINCIPAL_RECREATED
            elif access.target not in seen.tables:
                stale_kind = DifferenceKind.TABLE_DELETED
            else:
                stale_kind = DifferenceKind.TABLE_RECREATED
            yield _build_difference(wish, stale_kind, reason)
            continue
        yield from _find_permission_differences(wish, goal, seen)
        for link in wish.access.links:
            if link not in seen.links:
                yield _build_link_difference(wish, link, seen)
        yield from find_prerequisite_differences(wish, seen)
        if access.opt_in and access.opt_in not in seen.opt_ins:
            yield _build_difference(
                wish,
                DifferenceKind.OPT_IN_REMOVED,
                f"the opt-in of {_get_principal_name(access)} is not there",
            )
        if lacking := seen.list_undelivered(access):
            what = ", ".join(one.name for one in lacking)
            text = f"{access.consumer} no longer sees {what} in a share of {access.owner}"
            yield _build_difference(wish, DifferenceKind.SHARE_GONE, text)


def find_prerequisite_differences(spec: IntentSpec, seen: Observation) -> Iterator[Difference]:
    """Filter and location that a proven intent needs in the owner's catalog."""
    access = spec.access
    wanted = access.cells_filter
    if wanted and (lack := seen.get_filter_problem(wanted)):
        kind = DifferenceKind.FILTER_CHANGED if wanted.key in seen.filters else DifferenceKind.FILTER_DELETED
        yield _build_difference(spec, kind, lack, subject=wanted.name)
    for arn in seen.list_unregistered(access):
        text = f"s3://{arn.removeprefix('arn:aws:s3:::')} is no longer registered with Lake Formation"
        yield _build_difference(
            spec,
            DifferenceKind.LOCATION_DEREGISTERED,
            text,
            subject=arn if access.reaches_many_tables else "",
        )


def _build_difference(spec: IntentSpec, kind: DifferenceKind, text: str, *, subject: str = "") -> Difference:
    access = spec.access
    return Difference(kind, access.principal_arn, *access.target, text, (spec.intent_id,), subject=subject)


def _get_principal_name(access: Access) -> str:
    return access.principal_arn.rsplit("/", 1)[-1]


def _find_permission_differences(
    spec: IntentSpec, goal: DesiredState, seen: Observation
) -> Iterator[Difference]:
    """Permissions on a missing filter or link are not reported apart."""
    access = spec.access
    for permission, wanted in access.permissions:
        held = seen.held.get(permission, NO_COLUMNS)
        on_link = next(
            (
                one
                for one in access.links
                if (permission.catalog, permission.database) == (one.catalog, one.consumer_database)
            ),
            None,
        )
        gone = (on_link and on_link not in seen.links) or (
            access.cells_filter and permission.cells_filter and seen.get_filter_problem(access.cells_filter)
        )
        lacking = wanted - held
        if gone or not lacking or permission not in goal.wanted.permissions:
            continue
        kind = DifferenceKind.FEWER_COLUMNS if held else DifferenceKind.MISSING
        text = f"{_describe_permission(permission, lacking)} was removed from {_get_principal_name(access)}"
        yield _build_difference(spec, kind, text, subject=f"{permission.verb} {permission.resource}")


def _build_link_difference(spec: IntentSpec, link: Link, seen: Observation) -> Difference:
    thing = link.name if spec.access.tag_expression else ""
    where = f"resource link {link.display_name} in {link.catalog.account}"
    other = next(
        (one for one in seen.links if (one.catalog, one.resource) == (link.catalog, link.resource)), None
    )
    if other and other.target_catalog.account:
        target = f"{other.target_database}.{other.target_table}".rstrip(".")
        return _build_difference(
            spec,
            DifferenceKind.LINK_REPOINTED,
            f"{where} now leads to {target} of {other.target_catalog.account}",
            subject=thing,
        )
    if link.resource in seen.taken_names or _is_link_database_taken(spec.access, seen):
        text = f"{where} is gone, and something else has its name"
        return _build_difference(spec, DifferenceKind.LINK_NAME_TAKEN, text, subject=thing)
    return _build_difference(spec, DifferenceKind.LINK_DROPPED, f"{where} was dropped", subject=thing)


def _is_link_database_taken(access: Access, seen: Observation) -> bool:
    """Whether a database of somebody else's has the name of the one that the link lay in."""
    one = access.link_database
    return one is not None and one not in seen.link_databases and one.name in seen.taken_names


def find_unjustified(held: HeldPermissions, specs: Iterable[IntentSpec]) -> HeldPermissions:
    """Held permissions that no live or ending intent justifies."""
    justified = build_justification(add_previous_link_naming(specs))
    extras = ((p, columns - justified.get_columns(p)) for p, columns in held.items())
    return {p: extra for p, extra in extras if extra}


def find_surplus(
    extra: HeldPermissions,
    live: Iterable[IntentSpec],
    ended: Iterable[IntentSpec],
    is_hybrid: Mapping[int, bool],
) -> Iterator[Difference]:
    """Which of the unjustified permissions concern us: on tables that live intents are about, held by their
    principals in the same database, or given once by an intent that has ended. `is_hybrid` by intent.
    """
    wishes = list(live)
    tables = {table for w in wishes for table in w.access.tables}
    guarded = {table for w in wishes if not is_hybrid.get(w.intent_id) for table in w.access.tables}
    people = {(w.access.principal_arn, database) for w in wishes for database in (*w.access.databases, "")}
    wanted, former = build_justification(wishes), build_justification(ended)
    for permission, columns in extra.items():
        place = permission.database, permission.table
        if permission.principal == IAM_ALLOWED_PRINCIPALS:
            if _is_about(place, guarded):
                yield _build_surplus(DifferenceKind.IAM_ALLOWED_BACK, permission, columns)
        elif permission in wanted.permissions:
            yield _build_surplus(DifferenceKind.MORE_COLUMNS, permission, columns)
        elif columns & former.get_columns(permission):
            yield _build_surplus(DifferenceKind.SURPLUS_OURS, permission, columns)
        elif _is_about(place, tables) or (permission.principal, permission.database) in people:
            yield _build_surplus(DifferenceKind.SURPLUS_FOREIGN, permission, columns)


def _is_about(place: tuple[str, str], tables: set[tuple[str, str]]) -> bool:
    database, table = place
    return place in tables or (table == ALL_TABLES and any(database == one for one, _table in tables))


def _build_surplus(kind: DifferenceKind, permission: Permission, columns: ColumnSet) -> Difference:
    who = permission.principal.rsplit("/", 1)[-1]
    text = f"{who} holds {_describe_permission(permission, columns)}"
    return Difference(
        kind,
        permission.principal,
        permission.database,
        permission.table,
        text,
        permission=permission,
        columns=columns,
    )


def _describe_permission(permission: Permission, columns: ColumnSet) -> str:
    is_cut = permission.verb == SELECT and permission.table not in {"", ALL_TABLES}
    what = describe_columns(columns) if is_cut else ""
    if permission.cells_filter:
        what = describe_cells_filter(permission.cells_filter)
    words = describe_permission(permission.verb, permission.resource, what) + describe_condition(
        permission.condition
    )
    return f"{words}, and can pass it on" if permission.grantable else words


def find_administrator_differences(added: Iterable[str]) -> Iterator[Difference]:
    """Principals that became data lake administrators after the catalog was first read."""
    for principal in sorted(added):
        text = f"{principal.rsplit('/', 1)[-1]} is a data lake administrator, but was not when the catalog was first read"
        yield Difference(DifferenceKind.ADMINISTRATOR_ADDED, principal, "", "", text)


def find_unknown_differences(rows: Iterable[UnknownRow]) -> Iterator[Difference]:
    """What AWS holds and this version cannot judge."""
    for row in sorted(set(rows)):
        subject = " ".join([row.catalog.account, row.kind, row.resource, *row.values])
        yield Difference(
            DifferenceKind.UNKNOWN_PERMISSION, row.principal, "", "", row.describe(), subject=subject
        )


def find_row_policy_differences(
    policies: RowPolicies, live: Iterable[IntentSpec], table_tags: Mapping[tuple[str, str], TableTags]
) -> Iterator[Difference]:
    """Row-level security policies on tables with live grants. A policy with another text is another difference."""
    found: dict[str, Difference] = {}
    for table in sorted(
        {one for wish in live if wish.access.opens_data for one in wish.access.reachable_tables}
    ):
        for one in policies.list_on_table(*table, table_tags.get(table)):
            where = (one.database, one.table) if one.database else table
            text = f"rows of {where[0]}.{where[1]} are also decided by row-level security policy {one.describe()}"
            kind = DifferenceKind.ROW_POLICY
            difference = Difference(kind, one.principal, *where, text, subject=one.subject)
            found[difference.key] = difference
    yield from found.values()


def find_version_differences(version: str) -> Iterator[Difference]:
    """The catalog's cross-account version, where it is too low for what is shared."""
    if not version.isdecimal() or int(version) < MIN_CROSS_ACCOUNT_VERSION:
        text = f"the cross-account version is {version or 'not set'}; roles of other accounts need {MIN_CROSS_ACCOUNT_VERSION}"
        yield Difference(DifferenceKind.VERSION_LOWERED, "", "", "", text)
