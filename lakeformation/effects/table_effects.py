"""The effects of approving access to a table: shown, approved by digest, enforced when sent.

Filters on one table unite, and a plain SELECT prevails over them (AWS, "data filtering notes"). So a row
filter limits only where nothing else shows more: each such overlap is a widening, and is approved separately.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.observation.reading import is_open_to_iam
from lakeformation.values.arn import is_created_by
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NO_COLUMNS, Cells, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.messages import gettext_noop, message
from lakeformation.values.permissions import (
    ALL_VERBS,
    SELECT,
    HeldPermissions,
    Permission,
    PermissionColumns,
    convert_permission_columns_to_json,
    parse_permission_columns,
)
from lakeformation.values.row_policies import (
    NO_ROW_POLICIES,
    RowPolicies,
    RowPolicyAttachment,
    TableTags,
    describe_row_doubt,
)
from lakeformation.values.wording import (
    describe_column_count,
    describe_columns,
    describe_permission,
    describe_rows,
)

_PERMISSION_FOR = message(gettext_noop("%(permission)s for %(recipient)s"))
_PERMISSION_TO_PASS_ON = message(gettext_noop("%(permission)s for %(recipient)s, to pass on"))
_ACCOUNT = message(gettext_noop("account %(account)s"))
_CELLS = message(gettext_noop("%(columns)s, in %(rows)s"))
_SHARED_INSIDE = message(gettext_noop("shared with account %(account)s, inside the organisation"))
_SHARED_OUTSIDE = message(
    gettext_noop("shared with account %(account)s, outside the organisation: an invitation is accepted")
)
_OPTED_IN = message(
    gettext_noop("%(role)s is opted in: Lake Formation instead of IAM decides what it can do with %(table)s")
)
_LINK_DATABASE = message(gettext_noop("database %(name)s, for links to tables"))
_LINK = message(gettext_noop("resource link %(name)s"))
_ADMINS_DECIDE = message(
    gettext_noop(
        "the admins of account %(account)s decide which of its roles, users and groups can read this"
    )
)
_GOVERNED = message(gettext_noop("%(location)s becomes governed by Lake Formation"))
_PARTITION_KEY = message(
    gettext_noop("partition key %(column)s is visible too: Lake Formation can't hide it")
)
_ADDED_READABLE = message(gettext_noop("columns added later are readable without another request"))
_ADDED_HIDDEN = message(
    gettext_noop("columns added later stay hidden until they are classified or you release them")
)
_OPEN_TO_IAM = message(
    gettext_noop(
        "IAMAllowedPrincipals still holds this table: Lake Formation does not protect it inside its account"
    )
)
_READS_ALREADY = message(gettext_noop("the role can already read %(columns)s too"))
_METADATA = message(gettext_noop("names, types and comments of all columns become visible, but no data"))
_POLICIES_UNKNOWN = message(
    gettext_noop("whether row-level security policies narrow or widen the rows is not known: %(reason)s")
)
_CREATED = message(
    gettext_noop("%(role)s created this table and can see all of it anyway: this grant does not restrict it")
)
_ALL_ROWS_PASSED_ON = message(
    gettext_noop("%(roles)s can be given all rows of these columns; it sees only some rows now")
)
_REFUSES_SHARE = message(
    gettext_noop("IAMAllowedPrincipals still holds this table, so AWS refuses to share it with an account")
)
_SAME_ACCOUNT = message(
    gettext_noop("the data is already in this account; request access for one of its roles")
)
_METADATA_TO_ROLE = message(gettext_noop("metadata only can be granted to a role, not to a whole account"))
_HYBRID = message(
    gettext_noop(
        "the data is in hybrid access mode, where each role is opted in by name: request access for a role"
    )
)
_SENSITIVE_KEY = message(
    gettext_noop("partition key %(column)s is sensitive and can't be hidden; request it too")
)
_FILTER_FUTURE = message(
    gettext_noop("a row filter on the whole table can't hide future columns; request its columns by name")
)
_COLUMNS_UNKNOWN = message(gettext_noop("the table's columns are not known yet"))
_WRITES_ROWS = message(
    gettext_noop("the role holds %(verbs)s on this table and can see every column of every row")
)
_WRITES = message(gettext_noop("the role holds %(verbs)s on this table and can see every column"))
_MOST_FILTERS = message(
    gettext_noop("the role already has %(n)d row filters on this table, the most that AWS allows")
)
_SEES_TOO = message(gettext_noop("sees %(columns)s in %(rows)s too: %(source)s"))
_SEES_ALL_ROWS = message(gettext_noop("sees %(columns)s in all rows: %(source)s no longer limits them"))


@dataclass(frozen=True)
class Widening:
    """What the principal will see beyond this request, because of its other access.

    `key` names it in a decision: the same columns × rows have the same key.
    """

    columns: ColumnSet
    rows: str
    source: str
    text: str

    @property
    def key(self) -> str:
        return digest({"columns": self.columns.to_json(), "rows": self.rows, "text": self.text})[:16]

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "columns": self.columns.to_json(), "rows": self.rows, "text": self.text}


def find_widenings(requested: Cells, others: Iterable[Cells]) -> tuple[Widening, ...]:
    """Each overlap in which a row filter plays a part; without one, columns simply add up."""
    found = [cell for other in others for cell in _compare_cells(requested, other)]
    return tuple({one.key: one for one in found}.values())


def find_visible_rows(parts: Sequence[Cells], column: str) -> frozenset[str]:
    """Row filters; a row that passes one of them shows the column. `""` alone: every row; none: no row."""
    rules = frozenset(part.rows for part in parts if column in part.columns)
    return frozenset({""}) if "" in rules else rules


def _compare_cells(requested: Cells, other: Cells) -> Iterator[Widening]:
    if not (requested.rows or other.rows):
        return
    shared = requested.columns & other.columns
    more = other.columns - requested.columns
    if requested.rows and other.rows != requested.rows:
        more |= shared
    if more:
        text = _SEES_TOO.format(
            columns=describe_columns(more), rows=describe_rows(other.rows), source=other.source
        )
        yield Widening(more, other.rows, other.source, text)
    if shared and not requested.rows:
        text = _SEES_ALL_ROWS.format(columns=describe_columns(shared), source=other.source)
        yield Widening(shared, "", other.source, text)


WRITE_VERBS = frozenset({*ALL_VERBS, "ALTER", "DELETE", "DROP", "INSERT"})
MAX_FILTERS = 100
"""Filters of one principal on one table (AWS, "data filtering limitations")."""


@dataclass(frozen=True)
class TableColumn:
    """A column as mirrored; `classification` is public, private, sensitive or empty."""

    name: str
    classification: str = ""
    is_partition_key: bool = False


@dataclass(frozen=True)
class EffectLine:
    """One line of the effects. `sign`: + added, = already there, ! take note."""

    sign: str
    text: str
    account: str = ""
    resource: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effects:
    """`approved` is what the digest binds; the lines also tell what is there already, which it does not.

    `widenings` are overlaps with the principal's other access: each must be approved on its own.
    `refusals` are reasons for which this must not be approved at all.
    """

    access: Access
    approved: dict[str, Any]
    adds: tuple[EffectLine, ...]
    already_there: tuple[EffectLine, ...]
    not_granted: tuple[str, ...]
    side_effects: tuple[EffectLine, ...]
    warnings: tuple[EffectLine, ...]
    refusals: tuple[str, ...]
    widenings: tuple[Widening, ...] = ()

    def digest(self) -> str:
        """SHA-256 over what is approved: order, batching and "already there" never count."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return digest(self.approved)

    def to_json(self) -> dict[str, Any]:
        return self.approved


@dataclass(frozen=True)
class TableState:
    """AWS as last read. `is_share_delivered`: the consumer's account sees the catalog's share; `has_link_database`: it
    has the database in which links to tables lie.

    `other_cells` are the cells of the table that the principal sees, or is about to see, by something else;
    `held_filters`, the names of the data cells filters on the table that it holds or is about to hold. `row_filtered_principals`,
    of an account grant: principals of the account whose own grants show them only some rows. `approved_verbs` are those
    of its other approved access to the table. `creator`: the ARN of who made the table; empty where that is not known.
    `row_policies` are of the catalog, `table_tags` the LF-Tags of the table and its columns where they are known.
    """

    held: HeldPermissions = field(default_factory=dict)
    has_link: bool = False
    has_link_database: bool = False
    is_share_delivered: bool = False
    is_registered: bool = True
    in_organisation: bool = True
    other_cells: tuple[Cells, ...] = ()
    held_filters: frozenset[str] = frozenset()
    row_filtered_principals: tuple[str, ...] = ()
    has_filter: bool = False
    is_opted_in: bool = False
    approved_verbs: frozenset[str] = frozenset()
    creator: str = ""
    row_policies: RowPolicies = NO_ROW_POLICIES
    table_tags: TableTags | None = None


def build_table_effects(
    access: TableAccess,
    *,
    columns: Sequence[TableColumn],
    state: TableState,
    requested_columns: Collection[str] = (),
) -> Effects:
    """The effects of granting `access`, given the table's columns and what was last seen in AWS.

    `requested_columns` are the columns asked for by name: a sensitive partition key may come only if it is among them.
    """
    added, present = [], []
    for permission, wanted in access.permissions:
        if access.is_account_grant and not permission.grantable and not access.adoption:
            continue  # told with the option to pass it on, without which it is of no use
        missing = wanted - state.held.get(permission, NO_COLUMNS)
        if missing:
            added.append(_build_permission_line("+", permission, missing, access))
        else:
            present.append(_build_permission_line("=", permission, wanted, access))
    for line in _build_link_lines(access, state):
        (added if line.sign == "+" else present).append(line)
    place = access.target
    tags = {} if state.table_tags is None else {place: state.table_tags}
    policies = (
        state.row_policies.list_applying(access.principal_arn, [place], tags) if access.opens_data else []
    )
    return Effects(
        access=access,
        approved=_build_approved(access, columns) | build_approved_row_policies(policies),
        adds=tuple(added),
        already_there=tuple(present),
        not_granted=tuple(c.name for c in columns if not _is_visible(access, c)),
        side_effects=tuple(_list_side_effects(access, state)),
        warnings=(
            *_warn_of_creator(access, state.creator),
            *warn_of_row_policies(policies, state.row_policies, access),
            *_list_warnings(access, columns, state.held),
        ),
        refusals=tuple(_list_refusals(access, columns, state, requested_columns)),
        widenings=find_widenings(access.cells, state.other_cells) if access.opens_data else (),
    )


def parse_approved_permissions(effects_json: dict[str, Any]) -> PermissionColumns:
    """The permissions with their columns that stored effects allow."""
    return parse_permission_columns(effects_json["atoms"])


def parse_approved_filter(effects_json: dict[str, Any]) -> CellsFilter | None:
    """The data cells filter that stored effects allow to be made."""
    value = effects_json.get("filter")
    return CellsFilter.from_json(value) if value else None


def _build_approved(access: TableAccess, columns: Sequence[TableColumn]) -> dict[str, Any]:
    besides: dict[str, Any] = {}
    if access.cells_filter:
        besides["filter"] = access.cells_filter.to_json()
    if access.opt_in:
        besides["opt_in"] = access.opt_in.to_json()
    return {
        **besides,
        "access": access.to_json(),
        "atoms": convert_permission_columns_to_json(access.list_approved_permissions()),
        "classification": {c.name: c.classification for c in columns if _is_visible(access, c)},
        "link": access.link.to_json() if access.link else None,
        "location": access.registration.to_json() if access.registration else None,
        **({"link_database": access.link_database.to_json()} if access.link_database else {}),
    }


def _is_visible(access: TableAccess, column: TableColumn) -> bool:
    return access.opens_data and (column.is_partition_key or column.name in access.columns)


def _build_link_lines(access: TableAccess, state: TableState) -> Iterator[EffectLine]:
    if one := access.link_database:
        text = _LINK_DATABASE.format(name=one.name)
        yield EffectLine("=" if state.has_link_database else "+", text, access.consumer, one.name)
    if access.link:
        text = _LINK.format(name=access.link.display_name)
        yield EffectLine("=" if state.has_link else "+", text, access.consumer, access.link.display_name)


def _build_permission_line(
    sign: str, permission: Permission, columns: ColumnSet, access: TableAccess
) -> EffectLine:
    where = permission.resource.replace("/", ".")
    shown = access.columns if permission.cells_filter else columns
    what = describe_permission(
        permission.verb, permission.resource, _describe_cells(permission, shown, access)
    )
    names = shown.names if permission.verb == SELECT and not shown.is_exclusion else ()
    template = _PERMISSION_TO_PASS_ON if permission.grantable else _PERMISSION_FOR
    text = template.format(permission=what, recipient=_describe_recipient(access))
    return EffectLine(sign, text, permission.catalog.account, where, names)


def _describe_recipient(access: TableAccess) -> str:
    if access.is_account_grant:
        return _ACCOUNT.format(account=access.consumer)
    return access.principal_arn.rsplit("/", 1)[-1]


def _describe_cells(permission: Permission, columns: ColumnSet, access: TableAccess) -> str:
    if permission.verb != SELECT:
        return ""
    counted = describe_column_count(columns)
    if not permission.cells_filter:
        return counted
    return _CELLS.format(columns=counted, rows=describe_rows(access.row_filter))


def _list_side_effects(access: TableAccess, state: TableState) -> Iterator[EffectLine]:
    if access.is_cross_account:
        shared = _SHARED_INSIDE if state.in_organisation else _SHARED_OUTSIDE
        yield EffectLine("!", shared.format(account=access.consumer), access.consumer)
    if access.is_account_grant and access.grantable_columns:
        text = _ADMINS_DECIDE.format(account=access.consumer)
        yield EffectLine("!", text, access.consumer)
        if state.row_filtered_principals and not access.row_filter:
            text = _ALL_ROWS_PASSED_ON.format(roles=", ".join(state.row_filtered_principals))
            yield EffectLine("!", text, access.consumer)
    if not state.is_registered:
        text = _GOVERNED.format(location=access.location)
        yield EffectLine("!", text, access.owner, access.location)
    if access.opt_in and not state.is_opted_in:
        text = _OPTED_IN.format(role=_describe_recipient(access), table=f"{access.database}.{access.table}")
        yield EffectLine("!", text, access.owner, access.opt_in.resource.replace("/", "."))


def is_for_table_creator(access: Access, creator: str) -> bool:
    """Whether it is for who made the table, who holds everything on it in its own account, and no permission says so
    (Lake Formation developer guide, "Implicit Lake Formation permissions").
    """
    return not access.is_cross_account and is_created_by(creator, access.principal_arn)


def _warn_of_creator(access: TableAccess, creator: str) -> Iterator[EffectLine]:
    if is_for_table_creator(access, creator):
        text = _CREATED.format(role=_describe_recipient(access))
        yield EffectLine("!", text, access.owner)


def build_approved_row_policies(policies: Sequence[RowPolicyAttachment]) -> dict[str, Any]:
    """What an approval binds of them: their text too. Nothing without any."""
    return {"row_policies": [policy.to_json() for policy in policies]} if policies else {}


def warn_of_row_policies(
    applying: Sequence[RowPolicyAttachment], known: RowPolicies, access: Access, where: str = ""
) -> Iterator[EffectLine]:
    """Warnings of policies that apply besides, or that AWS refused to list them."""
    if applying:
        yield EffectLine("!", f"{where}{describe_row_doubt(applying)}", access.owner)
    if known.is_refused and access.opens_data:
        text = _POLICIES_UNKNOWN.format(reason=known.unread)
        yield EffectLine("!", text, access.owner)


def _list_warnings(
    access: TableAccess, columns: Sequence[TableColumn], held: HeldPermissions
) -> Iterator[EffectLine]:
    if not access.opens_data:
        yield EffectLine("!", _METADATA.format(), access.owner)
        return
    for column in columns:
        if column.is_partition_key and column.name not in access.columns:
            text = _PARTITION_KEY.format(column=column.name)
            yield EffectLine("!", text, access.owner)
    if access.columns.is_exclusion:
        yield EffectLine("!", _ADDED_READABLE.format(), access.owner)
    elif access.holds_new_columns:
        text = _ADDED_HIDDEN.format()
        yield EffectLine("!", text, access.owner)
    if is_open_to_iam(held, access) and not access.in_hybrid_mode:
        text = _OPEN_TO_IAM.format()
        yield EffectLine("!", text, access.owner)
    wider = held.get(
        Permission(access.owner_catalog, access.principal_arn, access.database, access.table, SELECT)
    )
    if wider and wider - access.columns:
        extra = "every column" if wider.is_exclusion else ", ".join((wider - access.columns).names)
        yield EffectLine("!", _READS_ALREADY.format(columns=extra), access.owner)


def _list_refusals(
    access: TableAccess, columns: Sequence[TableColumn], state: TableState, requested_columns: Collection[str]
) -> Iterator[str]:
    if access.is_cross_account and is_open_to_iam(state.held, access) and not access.in_hybrid_mode:
        yield _REFUSES_SHARE.format()
    if access.is_account_grant:
        if not access.is_cross_account:
            yield _SAME_ACCOUNT.format()
        if not access.opens_data:
            yield _METADATA_TO_ROLE.format()
        if access.in_hybrid_mode:
            yield _HYBRID.format()
    if not access.opens_data:
        return
    yield from _list_partial_access_refusals(access, state)
    classes = {c.classification for c in columns if c.name in access.columns or c.name in requested_columns}
    for column in columns:
        if column.is_partition_key and column.classification == "sensitive" and "sensitive" not in classes:
            yield _SENSITIVE_KEY.format(column=column.name)


def _list_partial_access_refusals(access: TableAccess, state: TableState) -> Iterator[str]:
    """Why access to some columns or rows cannot be granted: writers read everything, and filters are limited in number."""
    if access.holds_new_columns and access.row_filter:
        yield _FILTER_FUTURE.format()
    if access.holds_new_columns and not access.columns:
        yield _COLUMNS_UNKNOWN.format()
    mine = {p.verb for p in state.held if p.principal == access.principal_arn and access.is_about(p)}
    strong = sorted((mine | state.approved_verbs) & WRITE_VERBS)
    if strong and access.row_filter:
        yield _WRITES_ROWS.format(verbs=", ".join(strong))
    elif strong and not access.columns.is_exclusion:
        yield _WRITES.format(verbs=", ".join(strong))
    wanted = access.cells_filter
    if wanted and wanted.name not in state.held_filters and len(state.held_filters) >= MAX_FILTERS:
        yield _MOST_FILTERS.format(n=MAX_FILTERS)
