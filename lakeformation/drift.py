"""Changes made outside the portal, and what held permissions reach beyond what was approved.

The portal's own grants use inline expressions. Others may use named ones on the same data.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lakeformation.access.access import Access
from lakeformation.access.base import ManyTablesAccess
from lakeformation.effects.tag_effects import ReachedTable
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation, UnknownRow
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
from lakeformation.values.tag_expressions import TagExpression
from lakeformation.values.wording import (
    describe_cells_filter,
    describe_columns,
    describe_condition,
    describe_permission,
    list_names,
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
    specs: Iterable[IntentSpec], desired: DesiredState, observation: Observation
) -> Iterator[Difference]:
    """What proven live intents lack in a complete reading of their share scope."""
    for spec in specs:
        access = spec.access
        if reason := desired.stale_reasons.get(spec.intent_id):
            if observation.principals.get(access.principal_arn) is None:
                stale_kind = DifferenceKind.PRINCIPAL_DELETED
            elif observation.principals[access.principal_arn] != access.parties.principal_id:
                stale_kind = DifferenceKind.PRINCIPAL_RECREATED
            elif access.target not in observation.tables:
                stale_kind = DifferenceKind.TABLE_DELETED
            else:
                stale_kind = DifferenceKind.TABLE_RECREATED
            yield _build_difference(spec, stale_kind, reason)
            continue
        yield from _find_permission_differences(spec, desired, observation)
        for link in spec.access.links:
            if link not in observation.links:
                yield _build_link_difference(spec, link, observation)
        yield from find_prerequisite_differences(spec, observation)
        if access.opt_in and access.opt_in not in observation.opt_ins:
            yield _build_difference(
                spec,
                DifferenceKind.OPT_IN_REMOVED,
                f"the opt-in of {_get_principal_name(access)} is not there",
            )
        if lacking := observation.list_undelivered(access):
            what = ", ".join(one.name for one in lacking)
            text = f"{access.consumer} no longer sees {what} in a share of {access.owner}"
            yield _build_difference(spec, DifferenceKind.SHARE_GONE, text)


def find_prerequisite_differences(spec: IntentSpec, observation: Observation) -> Iterator[Difference]:
    """Filter and location that a proven intent needs in the owner's catalog."""
    access = spec.access
    wanted = access.cells_filter
    if wanted and (lack := observation.get_filter_problem(wanted)):
        kind = (
            DifferenceKind.FILTER_CHANGED
            if wanted.key in observation.filters
            else DifferenceKind.FILTER_DELETED
        )
        yield _build_difference(spec, kind, lack, subject=wanted.name)
    for arn in observation.list_unregistered(access):
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
    spec: IntentSpec, desired: DesiredState, observation: Observation
) -> Iterator[Difference]:
    """Permissions on a missing filter or link are not reported apart."""
    access = spec.access
    for permission, wanted in access.permissions:
        held = observation.held.get(permission, NO_COLUMNS)
        on_link = next(
            (
                link
                for link in access.links
                if (permission.catalog, permission.database) == (link.catalog, link.consumer_database)
            ),
            None,
        )
        gone = (on_link and on_link not in observation.links) or (
            access.cells_filter
            and permission.cells_filter
            and observation.get_filter_problem(access.cells_filter)
        )
        lacking = wanted - held
        if gone or not lacking or permission not in desired.wanted.permissions:
            continue
        kind = DifferenceKind.FEWER_COLUMNS if held else DifferenceKind.MISSING
        text = f"{_describe_permission(permission, lacking)} was removed from {_get_principal_name(access)}"
        yield _build_difference(spec, kind, text, subject=f"{permission.verb} {permission.resource}")


def _build_link_difference(spec: IntentSpec, link: Link, observation: Observation) -> Difference:
    thing = link.name if spec.access.tag_expression else ""
    where = f"resource link {link.display_name} in {link.catalog.account}"
    other = next(
        (one for one in observation.links if (one.catalog, one.resource) == (link.catalog, link.resource)),
        None,
    )
    if other and other.target_catalog.account:
        target = f"{other.target_database}.{other.target_table}".rstrip(".")
        return _build_difference(
            spec,
            DifferenceKind.LINK_REPOINTED,
            f"{where} now leads to {target} of {other.target_catalog.account}",
            subject=thing,
        )
    if link.resource in observation.taken_names or _is_link_database_taken(spec.access, observation):
        text = f"{where} is gone, and something else has its name"
        return _build_difference(spec, DifferenceKind.LINK_NAME_TAKEN, text, subject=thing)
    return _build_difference(spec, DifferenceKind.LINK_DROPPED, f"{where} was dropped", subject=thing)


def _is_link_database_taken(access: Access, observation: Observation) -> bool:
    """Whether a database of somebody else's has the name of the one that the link lay in."""
    one = access.link_database
    return one is not None and one not in observation.link_databases and one.name in observation.taken_names


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
    specs = list(live)
    tables = {table for w in specs for table in w.access.tables}
    guarded = {table for w in specs if not is_hybrid.get(w.intent_id) for table in w.access.tables}
    people = {(w.access.principal_arn, database) for w in specs for database in (*w.access.databases, "")}
    wanted, former = build_justification(specs), build_justification(ended)
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
    differences: dict[str, Difference] = {}
    for table in sorted(
        {
            reachable_table
            for spec in live
            if spec.access.opens_data
            for reachable_table in spec.access.reachable_tables
        }
    ):
        for one in policies.list_on_table(*table, table_tags.get(table)):
            where = (one.database, one.table) if one.database else table
            text = f"rows of {where[0]}.{where[1]} are also decided by row-level security policy {one.describe()}"
            kind = DifferenceKind.ROW_POLICY
            difference = Difference(kind, one.principal, *where, text, subject=one.subject)
            differences[difference.key] = difference
    yield from differences.values()


def find_version_differences(version: str) -> Iterator[Difference]:
    """The catalog's cross-account version, where it is too low for what is shared."""
    if not version.isdecimal() or int(version) < MIN_CROSS_ACCOUNT_VERSION:
        text = f"the cross-account version is {version or 'not set'}; roles of other accounts need {MIN_CROSS_ACCOUNT_VERSION}"
        yield Difference(DifferenceKind.VERSION_LOWERED, "", "", "", text)


MAX_NAMES = 3


@dataclass(frozen=True)
class NamedExpression:
    """`original` as first read, `current` as last read; None if AWS has no expression of this name."""

    original: TagExpression | None
    current: TagExpression | None

    def to_json(self) -> dict[str, Any]:
        return {
            "first": self.original and self.original.to_json(),
            "now": self.current and self.current.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "NamedExpression":
        first, now = value["first"], value["now"]
        return cls(first and TagExpression.from_values(first), now and TagExpression.from_values(now))


def list_expression_names(held: HeldPermissions) -> list[str]:
    """Names of the expressions by which anything is held."""
    return sorted({one.policy.name for one in held if one.policy and one.policy.name})


def update_named_expressions(
    before: Mapping[str, NamedExpression], current: Mapping[str, TagExpression | None]
) -> dict[str, NamedExpression]:
    """By name; expressions that no permission uses any more are dropped."""
    return {
        name: NamedExpression(before[name].original if name in before else body, body)
        for name, body in current.items()
    }


def find_expression_differences(
    named: Mapping[str, NamedExpression], held: HeldPermissions
) -> Iterator[Difference]:
    """Expressions that changed since they were first read. Each further change is another difference."""
    for name, one in sorted(named.items()):
        if one.current == one.original:
            continue
        body = digest(one.current.to_json() if one.current else None)
        who = sorted({p.principal.rsplit("/", 1)[-1] for p in held if p.policy and p.policy.name == name})
        more = f" and {len(who) - MAX_NAMES} more" if len(who) > MAX_NAMES else ""
        holders_text = f"{', '.join(who[:MAX_NAMES])}{more} hold permissions through it"
        text = f"expression {name} was {_describe_expression(one.original)} and is {_describe_expression(one.current)}; {holders_text}"
        yield Difference(DifferenceKind.EXPRESSION_CHANGED, "", "", "", text, subject=f"{name} {body}")


def _describe_expression(body: TagExpression | None) -> str:
    return body.text if body else "not there"


MAX_LISTED = 12
TableKey = tuple[str, str, str]
"""Database, name, and identity (CreateTime)."""


def find_widened_reach(
    spec: IntentSpec, approved_members: Sequence[Mapping[str, Any]], members: Sequence[ReachedTable]
) -> Iterator[Difference]:
    """One difference for each table of which the intent opens more than `approved_members` say. A
    table made anew under its name is another table.
    """
    access = spec.access
    assert isinstance(access, ManyTablesAccess)
    known = {
        (approved_member["database"], approved_member["table"], approved_member["created"]): set(
            approved_member["columns"]
        )
        for approved_member in approved_members
    }
    for member in members:
        before = known.get((member.database, member.table, member.created))
        now = [column.name for column in member.visible_columns]
        more = [name for name in now if name not in (before or ())]
        if before is not None and not more:
            continue
        role = access.principal_arn.rsplit("/", 1)[-1]
        opens = list_names(more, MAX_LISTED) or "names and types"
        was = f"{len(before)} columns of it" if before is not None else "nothing of it"
        text = f"{role} can read {opens} of {member.name} through {access.name}; approved: {was}"
        yield Difference(
            DifferenceKind.WIDENED,
            access.principal_arn,
            member.database,
            member.table,
            text,
            (spec.intent_id,),
            subject=member.created,
        )


def find_narrowed_reach(
    spec: IntentSpec,
    approved_members: Sequence[Mapping[str, Any]],
    members: Sequence[ReachedTable],
    existing_columns: Mapping[TableKey, Collection[str]],
) -> Iterator[Difference]:
    """One difference for each approved table that still exists and of which the intent's expression opens
    less than was approved. `existing_columns` are the columns of such tables; dropped ones are not reported.
    """
    access = spec.access
    assert isinstance(access, ManyTablesAccess)
    now = {(one.database, one.table, one.created): {c.name for c in one.visible_columns} for one in members}
    for member in approved_members:
        key = member["database"], member["table"], member["created"]
        shown = now.get(key, set())
        lost = [
            name for name in member["columns"] if name in existing_columns.get(key, ()) and name not in shown
        ]
        if lost:
            role = access.principal_arn.rsplit("/", 1)[-1]
            names, where = list_names(sorted(lost), MAX_LISTED), f"{member['database']}.{member['table']}"
            text = f"{role} can no longer read {names} of {where} through {access.name}"
            yield Difference(
                DifferenceKind.NARROWED,
                access.principal_arn,
                *key[:2],
                text,
                (spec.intent_id,),
                subject=member["created"],
            )
