"""What a yes makes true, worked out before it is said: shown, approved by its digest, enforced at send."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakeformation.access.access import Access
from lakeformation.effects.widening import Cells, Widening, widenings
from lakeformation.observation.reading import open_to_iam
from lakeformation.values.arn import is_made_by
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import EVERYTHING, SELECT, Held, Permission
from lakeformation.values.wording import columns_counted, rows_worded, worded

WRITE_VERBS = frozenset({*EVERYTHING, "ALTER", "DELETE", "DROP", "INSERT"})
MOST_FILTERS = 100
"""Filters of one principal on one table (AWS, "data filtering limitations")."""


@dataclass(frozen=True)
class TableColumn:
    """A column as mirrored; `classification` is public, private, sensitive or empty."""

    name: str
    classification: str = ""
    is_partition_key: bool = False


@dataclass(frozen=True)
class Line:
    """One line of the effects. `sign`: + added, = already there, ! take note."""

    sign: str
    text: str
    account: str = ""
    resource: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effects:
    """`approved` is what the digest binds; the lines also tell what is there already, which it does not.

    `widenings` are overlaps with what the principal holds besides: each needs a yes of its own.
    `refusals` are reasons for which this must not be approved at all.
    """

    access: Access
    approved: dict[str, Any]
    adds: tuple[Line, ...]
    already_there: tuple[Line, ...]
    not_granted: tuple[str, ...]
    side_effects: tuple[Line, ...]
    warnings: tuple[Line, ...]
    refusals: tuple[str, ...]
    widenings: tuple[Widening, ...] = ()

    def digest(self) -> str:
        """SHA-256 over what is approved: order, batching and "already there" never count."""
        return digest(self.approved)

    def to_json(self) -> dict[str, Any]:
        return self.approved


@dataclass(frozen=True)
class Known:
    """What rows tell of AWS. `delivered`: the consumer's account sees the catalog's share already; `has_landing`: it
    has the database in which links to tables lie.

    `others` are the cells of the table that the principal sees, or is about to see, by something else;
    `filters_held`, the names of the data cells filters on the table that it holds or is about to hold. `limited`,
    of an envelope: the account's principals that see only some rows of the table, by grants of their own. `made_by`: the
    ARN of who made the table; empty where that is not known.
    """

    held: Held = field(default_factory=dict)
    linked: bool = False
    has_landing: bool = False
    delivered: bool = False
    registered: bool = True
    in_organisation: bool = True
    others: tuple[Cells, ...] = ()
    filters_held: frozenset[str] = frozenset()
    limited: tuple[str, ...] = ()
    filter_made: bool = False
    opted_in: bool = False
    made_by: str = ""


def effects(
    access: Access, *, columns: Sequence[TableColumn], known: Known, asked: Collection[str] = ()
) -> Effects:
    """The effects of granting `access`, given the table's columns and what was last seen in AWS.

    `asked` are the columns asked for by name: a sensitive partition key may come only if it is among them.
    """
    added, present = _lines(access, known)
    return Effects(
        access=access,
        approved=_approved(access, columns),
        adds=tuple(added),
        already_there=tuple(present),
        not_granted=tuple(c.name for c in columns if not _visible(access, c)),
        side_effects=tuple(_side_effects(access, known)),
        warnings=(*_made(access, known.made_by), *_warnings(access, columns, known.held)),
        refusals=tuple(_refusals(access, columns, known, asked)),
        widenings=_widenings(access, known),
    )


def _widenings(access: Access, known: Known) -> tuple[Widening, ...]:
    return () if access.metadata_only else widenings(Cells(access.columns, access.row_rule), known.others)


def approved_atoms(effects_json: dict[str, Any]) -> tuple[tuple[Permission, ColumnSet], ...]:
    """The permissions with their columns that stored effects allow."""
    return tuple(
        (Permission.from_json(atom), ColumnSet.from_json(atom["columns"])) for atom in effects_json["atoms"]
    )


def approved_filter(effects_json: dict[str, Any]) -> CellsFilter | None:
    """The data cells filter that stored effects allow to be made."""
    value = effects_json.get("filter")
    return CellsFilter.from_json(value) if value else None


def _approved(access: Access, columns: Sequence[TableColumn]) -> dict[str, Any]:
    besides: dict[str, Any] = {}
    if access.cells_filter:
        besides["filter"] = access.cells_filter.to_json()
    if access.opt_in:
        besides["opt_in"] = access.opt_in.to_json()
    return {
        **besides,
        "access": access.to_json(),
        "atoms": [
            {**permission.to_json(), "columns": part.to_json()} for permission, part in access.approved()
        ],
        "classification": {c.name: c.classification for c in columns if _visible(access, c)},
        "link": access.link.to_json() if access.link else None,
        "location": access.registration.to_json() if access.registration else None,
        **({"landing": access.landing_database.to_json()} if access.landing_database else {}),
    }


def _visible(access: Access, column: TableColumn) -> bool:
    return not access.metadata_only and (column.is_partition_key or column.name in access.columns)


def _lines(access: Access, known: Known) -> tuple[list[Line], list[Line]]:
    added, present = [], []
    for permission, wanted in access.permissions:
        if access.is_envelope and not permission.grantable and not access.adopted:
            continue  # told with the option to pass it on, without which it is of no use
        missing = wanted - known.held.get(permission, NONE)
        if missing:
            added.append(_line("+", permission, missing, access))
        else:
            present.append(_line("=", permission, wanted, access))
    for line in _landing_lines(access, known):
        (added if line.sign == "+" else present).append(line)
    return added, present


def _landing_lines(access: Access, known: Known) -> Iterator[Line]:
    if one := access.landing_database:
        text = f"database {one.name}, for links to tables"
        yield Line("=" if known.has_landing else "+", text, access.consumer, one.name)
    if access.link:
        text = f"resource link {access.link.path}"
        yield Line("=" if known.linked else "+", text, access.consumer, access.link.path)


def _line(sign: str, permission: Permission, columns: ColumnSet, access: Access) -> Line:
    where = permission.resource.replace("/", ".")
    shown = access.columns if permission.cells_filter else columns
    what = worded(permission.verb, permission.resource, _of_which(permission, shown, access))
    names = shown.names if permission.verb == SELECT and not shown.but else ()
    text = f"{what} for {_who(access)}{', to pass on' if permission.grantable else ''}"
    return Line(sign, text, permission.place.account, where, names)


def _who(access: Access) -> str:
    return f"account {access.consumer}" if access.is_envelope else access.principal_arn.rsplit("/", 1)[-1]


def _of_which(permission: Permission, columns: ColumnSet, access: Access) -> str:
    if permission.verb != SELECT:
        return ""
    counted = columns_counted(columns)
    return f"{counted}, in {rows_worded(access.row_rule)}" if permission.cells_filter else counted


def _side_effects(access: Access, known: Known) -> Iterator[Line]:
    if access.is_shared:
        inside = "inside the organisation"
        how = inside if known.in_organisation else "outside the organisation: an invitation is accepted"
        yield Line("!", f"shared with account {access.consumer}, {how}", access.consumer)
    if access.is_envelope and access.passable:
        text = f"the admins of account {access.consumer} decide which of its roles, users and groups can read this"
        yield Line("!", text, access.consumer)
        if known.limited and not access.row_rule:
            text = f"{', '.join(known.limited)} can be given all rows of these columns; it sees only some rows now"
            yield Line("!", text, access.consumer)
    if not known.registered:
        text = f"{access.location} becomes governed by Lake Formation"
        yield Line("!", text, access.owner, access.location)
    if access.opt_in and not known.opted_in:
        text = f"{_who(access)} is opted in: Lake Formation instead of IAM decides what it can do with {access.database}.{access.table}"
        yield Line("!", text, access.owner, access.opt_in.resource.replace("/", "."))


def made(access: Access, maker: str) -> bool:
    """Whether it is for who made the table, who holds everything on it in its own account, and no permission says so
    (Lake Formation developer guide, "Implicit Lake Formation permissions").
    """
    return not access.is_shared and is_made_by(maker, access.principal_arn)


def _made(access: Access, maker: str) -> Iterator[Line]:
    if made(access, maker):
        text = (
            f"{_who(access)} created this table and can see all of it anyway: this grant does not restrict it"
        )
        yield Line("!", text, access.owner)


def _warnings(access: Access, columns: Sequence[TableColumn], held: Held) -> Iterator[Line]:
    if access.metadata_only:
        yield Line("!", "names, types and comments of all columns become visible, but no data", access.owner)
        return
    for column in columns:
        if column.is_partition_key and column.name not in access.columns:
            text = f"partition key {column.name} is visible too: Lake Formation can't hide it"
            yield Line("!", text, access.owner)
    if access.columns.but:
        yield Line("!", "columns added later are readable without another request", access.owner)
    elif access.grows:
        text = "columns added later stay hidden until they are classified or you release them"
        yield Line("!", text, access.owner)
    if open_to_iam(held, access) and not access.in_hybrid_mode:
        text = "IAMAllowedPrincipals still holds this table: Lake Formation does not protect it inside its account"
        yield Line("!", text, access.owner)
    wider = held.get(Permission(access.place, access.principal_arn, access.database, access.table, SELECT))
    if wider and wider - access.columns:
        extra = "every column" if wider.but else ", ".join((wider - access.columns).names)
        yield Line("!", f"the role can already read {extra} too", access.owner)


def _refusals(
    access: Access, columns: Sequence[TableColumn], known: Known, asked: Collection[str]
) -> Iterator[str]:
    if access.is_shared and open_to_iam(known.held, access) and not access.in_hybrid_mode:
        yield "IAMAllowedPrincipals still holds this table, so AWS refuses to share it with an account"
    if access.is_envelope:
        yield from _refused_envelope(access)
    if access.metadata_only:
        return
    yield from _refused_parts(access, known)
    classes = {c.classification for c in columns if c.name in access.columns or c.name in asked}
    for column in columns:
        if column.is_partition_key and column.classification == "sensitive" and "sensitive" not in classes:
            yield f"partition key {column.name} is sensitive and can't be hidden; request it too"


def _refused_envelope(access: Access) -> Iterator[str]:
    if not access.is_shared:
        yield "the data is already in this account; request access for one of its roles"
    if access.metadata_only:
        yield "metadata only can be granted to a role, not to a whole account"
    if access.in_hybrid_mode:
        yield "the data is in hybrid access mode, where each role is opted in by name: request access for a role"


def _refused_parts(access: Access, known: Known) -> Iterator[str]:
    """Why some columns or rows alone cannot be given: who may write reads all, and filters are limited."""
    if access.grows and access.row_rule:
        yield "a row filter on the whole table can't hide future columns; request its columns by name"
    if access.grows and not access.columns:
        yield "the table's columns are not known yet"
    mine = {p.verb for p in known.held if p.principal == access.principal_arn and access.reaches(p)}
    strong = sorted(mine & WRITE_VERBS)
    if strong and access.row_rule:
        yield f"the role holds {', '.join(strong)} on this table and can see every column of every row"
    elif strong and not access.columns.but:
        yield f"the role holds {', '.join(strong)} on this table and can see every column"
    wanted = access.cells_filter
    if wanted and wanted.name not in known.filters_held and len(known.filters_held) >= MOST_FILTERS:
        yield f"the role already has {MOST_FILTERS} row filters on this table, the most that AWS allows"
