"""What somebody changed behind the portal, by kind: between what was proven or is justified, and one reading."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lakeformation.access.access import Access
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation
from lakeformation.planning.desired import Desired, Wish, as_landed, justify
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, SELECT, Held, Permission
from lakeformation.values.resource_links import Link
from lakeformation.values.wording import cells_worded, columns_worded, under, worded

LEAST_VERSION = 3
"""Below this cross-account version AWS refuses grants to roles of other accounts (AWS, "cross-account versions")."""


class Kind(StrEnum):
    """One class of differences each; what they mean and what to do is in `fulfilment.ledger.finding_kinds`."""

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


OF_CATALOG = frozenset(
    {
        Kind.MORE_COLUMNS, Kind.SURPLUS_OURS, Kind.SURPLUS_FOREIGN, Kind.IAM_ALLOWED_BACK, Kind.VERSION_LOWERED,
        Kind.WIDENED, Kind.NARROWED, Kind.EXPRESSION_CHANGED, Kind.ADMINISTRATOR_ADDED,
    }
)  # fmt: skip
"""Seen in one reading of the catalog alone, and gone as soon as one no longer shows them; the others concern
intents, and are gone when these are proven anew."""


@dataclass(frozen=True)
class Difference:
    """`permission` with `columns` is what a surplus holds; `thing` tells differences of one kind apart."""

    kind: Kind
    principal: str
    database: str
    table: str
    text: str
    intents: tuple[int, ...] = ()
    permission: Permission | None = None
    columns: ColumnSet | None = None
    thing: str = ""

    @property
    def key(self) -> str:
        """The same as long as it is about the same thing, whatever the columns."""
        atom = self.permission.to_json() if self.permission else None
        told = [self.kind, self.principal, self.database, self.table, self.thing, list(self.intents), atom]
        return digest(told)

    def atom_json(self) -> dict[str, Any] | None:
        """The permission with its columns, or None where none is too much."""
        if self.permission is None or self.columns is None:
            return None
        return {**self.permission.to_json(), "columns": self.columns.to_json()}


def of_share(wishes: Iterable[Wish], goal: Desired, seen: Observation) -> Iterator[Difference]:
    """What live wishes that were proven once no longer find, in a complete reading of their share scope."""
    for wish in wishes:
        access = wish.access
        if reason := goal.stale.get(wish.intent):
            yield _of(wish, _staleness(access, seen), reason)
            continue
        yield from _of_permissions(wish, goal, seen)
        yield from _of_links(wish, seen)
        yield from of_prerequisites(wish, seen)
        if access.opt_in and access.opt_in not in seen.opt_ins:
            yield _of(wish, Kind.OPT_IN_REMOVED, f"the opt-in of {_name(access)} is not there")
        if access.share and not seen.is_delivered(access.share):
            text = f"the share of {access.owner} no longer includes {access.consumer}"
            yield _of(wish, Kind.SHARE_GONE, text)


def of_prerequisites(wish: Wish, seen: Observation) -> Iterator[Difference]:
    """Filter and location that a proven wish needs in the owner's catalog."""
    access = wish.access
    wanted = access.cells_filter
    if wanted and (lack := seen.lack_of_filter(wanted)):
        kind = Kind.FILTER_CHANGED if wanted.key in seen.filters else Kind.FILTER_DELETED
        yield _of(wish, kind, lack, thing=wanted.name)
    for arn in seen.unregistered(access):
        text = f"s3://{arn.removeprefix('arn:aws:s3:::')} is no longer registered with Lake Formation"
        yield _of(wish, Kind.LOCATION_DEREGISTERED, text, thing=arn if access.reaches_many else "")


def _of(wish: Wish, kind: Kind, text: str, *, thing: str = "") -> Difference:
    access = wish.access
    return Difference(
        kind, access.principal_arn, access.database, access.table, text, (wish.intent,), thing=thing
    )


def _name(access: Access) -> str:
    return access.principal_arn.rsplit("/", 1)[-1]


def _staleness(access: Access, seen: Observation) -> Kind:
    if seen.principals.get(access.principal_arn) is None:
        return Kind.PRINCIPAL_DELETED
    if seen.principals[access.principal_arn] != access.principal_id:
        return Kind.PRINCIPAL_RECREATED
    if seen.tables.get((access.database, access.table)) is None:
        return Kind.TABLE_DELETED
    return Kind.TABLE_RECREATED


def _of_permissions(wish: Wish, goal: Desired, seen: Observation) -> Iterator[Difference]:
    """Those on a filter or a link that is gone itself go with it, and are not told apart."""
    access = wish.access
    for permission, wanted in access.permissions:
        held = seen.held.get(permission, NONE)
        on_link = next(
            (
                one
                for one in access.links
                if (permission.place, permission.database) == (one.place, one.lands_in)
            ),
            None,
        )
        gone = (on_link and on_link not in seen.links) or (
            access.cells_filter and permission.cells_filter and seen.lack_of_filter(access.cells_filter)
        )
        lacking = wanted - held
        if gone or not lacking or permission not in goal.wanted.permissions:
            continue
        kind = Kind.FEWER_COLUMNS if held else Kind.MISSING
        text = f"{_worded(permission, lacking)} was removed from {_name(access)}"
        yield _of(wish, kind, text, thing=f"{permission.verb} {permission.resource}")


def _of_links(wish: Wish, seen: Observation) -> Iterator[Difference]:
    for link in wish.access.links:
        if link not in seen.links:
            yield _of_link(wish, link, seen)


def _of_link(wish: Wish, link: Link, seen: Observation) -> Difference:
    thing = link.name if wish.access.by_tags else ""
    where = f"resource link {link.path} in {link.place.account}"
    other = next(
        (one for one in seen.links if (one.place, one.resource) == (link.place, link.resource)), None
    )
    if other and other.target.account:
        target = f"{other.target_database}.{other.target_table}".rstrip(".")
        return _of(
            wish, Kind.LINK_REPOINTED, f"{where} now leads to {target} of {other.target.account}", thing=thing
        )
    if link.resource in seen.link_names or _is_taken(wish.access, seen):
        text = f"{where} is gone, and something else has its name"
        return _of(wish, Kind.LINK_NAME_TAKEN, text, thing=thing)
    return _of(wish, Kind.LINK_DROPPED, f"{where} was dropped", thing=thing)


def _is_taken(access: Access, seen: Observation) -> bool:
    """Whether a database of somebody else's has the name of the one that the link lay in."""
    one = access.landing_database
    return one is not None and one not in seen.landing_databases and one.name in seen.link_names


def unjustified(held: Held, wishes: Iterable[Wish]) -> Held:
    """What is held beyond what the wishes, live or about to end, account for."""
    justified = justify(as_landed(wishes))
    extras = ((p, columns - justified.columns(p)) for p, columns in held.items())
    return {p: extra for p, extra in extras if extra}


def of_surplus(
    extra: Held, live: Iterable[Wish], over: Iterable[Wish], is_hybrid: Mapping[int, bool]
) -> Iterator[Difference]:
    """Which of the unjustified permissions concern us: on tables that live wishes are about, held by their
    principals in the same database, or given once by a wish that is over. `is_hybrid` by intent.
    """
    wishes = list(live)
    tables = {table for w in wishes for table in w.access.tables}
    guarded = {table for w in wishes if not is_hybrid.get(w.intent) for table in w.access.tables}
    people = {(w.access.principal_arn, database) for w in wishes for database in (*w.access.databases, "")}
    wanted, former = justify(wishes), justify(over)
    for permission, columns in extra.items():
        place = permission.database, permission.table
        if permission.principal == IAM_ALLOWED_PRINCIPALS:
            if _is_about(place, guarded):
                yield _surplus(Kind.IAM_ALLOWED_BACK, permission, columns)
        elif permission in wanted.permissions:
            yield _surplus(Kind.MORE_COLUMNS, permission, columns)
        elif columns & former.columns(permission):
            yield _surplus(Kind.SURPLUS_OURS, permission, columns)
        elif _is_about(place, tables) or (permission.principal, permission.database) in people:
            yield _surplus(Kind.SURPLUS_FOREIGN, permission, columns)


def _is_about(place: tuple[str, str], tables: set[tuple[str, str]]) -> bool:
    database, table = place
    return place in tables or (table == ALL_TABLES and any(database == one for one, _table in tables))


def _surplus(kind: Kind, permission: Permission, columns: ColumnSet) -> Difference:
    who = permission.principal.rsplit("/", 1)[-1]
    text = f"{who} holds {_worded(permission, columns)}"
    return Difference(
        kind, permission.principal, permission.database, permission.table, text,
        permission=permission, columns=columns,
    )  # fmt: skip


def _worded(permission: Permission, columns: ColumnSet) -> str:
    is_cut = permission.verb == SELECT and permission.table not in {"", ALL_TABLES}
    what = columns_worded(columns) if is_cut else ""
    if permission.cells_filter:
        what = cells_worded(permission.cells_filter)
    words = worded(permission.verb, permission.resource, what) + under(permission.condition)
    return f"{words}, and can pass it on" if permission.grantable else words


def of_administrators(added: Iterable[str]) -> Iterator[Difference]:
    """Principals that became data lake administrators after the catalog was first read."""
    for principal in sorted(added):
        text = f"{principal.rsplit('/', 1)[-1]} is a data lake administrator, but was not when the catalog was first read"
        yield Difference(Kind.ADMINISTRATOR_ADDED, principal, "", "", text)


def of_version(version: str) -> Iterator[Difference]:
    """The catalog's cross-account version, where it is too low for what is shared."""
    if not version.isdecimal() or int(version) < LEAST_VERSION:
        text = f"the cross-account version is {version or 'not set'}; roles of other accounts need {LEAST_VERSION}"
        yield Difference(Kind.VERSION_LOWERED, "", "", "", text)
