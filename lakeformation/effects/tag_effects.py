"""The effects of approving access by LF-Tags or to a whole database: its permissions, and every table and column
that it reaches today.

The digest binds the expression, or the database, and what it reached when it was shown. AWS evaluates tags and wildcards
anew at each read, so later changes of reach are reported, not prevented.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakeformation.access.base import ManyTablesAccess
from lakeformation.effects.table_effects import (
    WRITE_VERBS,
    EffectLine,
    Effects,
    TableColumn,
    Widening,
    build_approved_row_policies,
    is_for_table_creator,
    warn_of_row_policies,
)
from lakeformation.observation.reading import is_open_to_iam, is_path_covered
from lakeformation.values.column_sets import NO_COLUMNS, Cells, ColumnSet
from lakeformation.values.permissions import HeldPermissions, convert_permission_columns_to_json
from lakeformation.values.resource_links import Link
from lakeformation.values.row_policies import NO_ROW_POLICIES, RowPolicies, TableTags
from lakeformation.values.wording import describe_columns, describe_permission, list_names

MAX_NAMES = 3


@dataclass(frozen=True)
class ReachedTable:
    """A table that is reached. `matching_columns` match the expression, `other_columns` do not; in a
    whole database there are none. `creator`: ARN of its creator, which is not approved; empty if not known. `tags` are LF-Tags of the
    table and its columns.

    Where all columns match, later ones match too unless they carry other tags.
    """

    database: str
    table: str
    created: str
    matching_columns: tuple[TableColumn, ...]
    other_columns: tuple[TableColumn, ...] = ()
    partition_keys: tuple[TableColumn, ...] = ()
    creator: str = ""
    tags: TableTags | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return f"{self.database}.{self.table}"

    @property
    def columns(self) -> ColumnSet:
        return ColumnSet.include(column.name for column in self.matching_columns)

    @property
    def visible_columns(self) -> tuple[TableColumn, ...]:
        """With the partition keys, which come with any column (AWS, "data filtering notes")."""
        return (*self.matching_columns, *self.partition_keys) if self.matching_columns else ()

    def to_json(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "table": self.table,
            "created": self.created,
            "columns": {column.name: column.classification for column in self.visible_columns},
        }


@dataclass(frozen=True)
class TagState:
    """AWS as last read: held permissions, existing links, registered S3 ARNs, and hybrid mode.

    `other_cells` are cells of members, by database and table, that the principal sees by a row filter.
    """

    held: HeldPermissions = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
    is_share_delivered: bool = False
    locations: frozenset[str] = frozenset()
    is_hybrid: bool = False
    in_organisation: bool = True
    other_cells: tuple[tuple[tuple[str, str], Cells], ...] = ()
    row_policies: RowPolicies = NO_ROW_POLICIES

    def list_unregistered(self, access: ManyTablesAccess) -> tuple[str, ...]:
        """ARNs of data that become governed by Lake Formation."""
        wanted = (location.arn for location in access.registrations)
        return tuple(
            arn for arn in wanted if not any(is_path_covered(location, arn) for location in self.locations)
        )


def build_tag_effects(access: ManyTablesAccess, members: Sequence[ReachedTable], state: TagState) -> Effects:
    """The effects of granting `access`, which is by LF-Tags or of a whole database, given what it reaches now."""
    lines = [*_build_permission_lines(access, state), *_build_link_lines(access, state)]
    tags = {(member.database, member.table): member.tags for member in members if member.tags is not None}
    tables = [(member.database, member.table) for member in members]
    policies = state.row_policies.list_applying(access.principal_arn, tables, tags)
    approved = {
        "access": access.to_json(),
        "atoms": convert_permission_columns_to_json(access.permissions),
        "members": [member.to_json() for member in members],
        "links": [link.to_json() for link in access.links],
        "locations": [location.to_json() for location in access.registrations],
    }
    return Effects(
        access=access,
        approved=approved | build_approved_row_policies(policies),
        adds=(*(line for line in lines if line.sign == "+"), *_build_table_lines(access, members)),
        already_there=tuple(line for line in lines if line.sign == "="),
        not_granted=tuple(
            f"{member.name}.{column.name}" for member in members for column in member.other_columns
        ),
        side_effects=tuple(_list_side_effects(access, state)),
        warnings=(
            *_warn_of_creator(access, members),
            *warn_of_row_policies(policies, state.row_policies, access),
            *_list_warnings(access, members, state),
        ),
        refusals=tuple(_list_refusals(access, members, state)),
        widenings=tuple(_find_widenings(members, state)),
    )


def _build_permission_lines(access: ManyTablesAccess, state: TagState) -> Iterator[EffectLine]:
    role = (
        f"account {access.consumer}" if access.is_account_grant else access.principal_arn.rsplit("/", 1)[-1]
    )
    for permission, wanted in access.permissions:
        sign = "+" if wanted - state.held.get(permission, NO_COLUMNS) else "="
        text = f"{describe_permission(permission.verb, permission.resource)} for {role}{', to pass on' if permission.grantable else ''}"
        yield EffectLine(sign, text, permission.catalog.account, permission.resource)


def _build_link_lines(access: ManyTablesAccess, state: TagState) -> Iterator[EffectLine]:
    for link in access.links:
        sign = "=" if link in state.links else "+"
        yield EffectLine(sign, f"resource link {link.name}", access.consumer, link.name)


def _build_table_lines(access: ManyTablesAccess, members: Sequence[ReachedTable]) -> Iterator[EffectLine]:
    for member in members:
        names = tuple(column.name for column in member.visible_columns)
        every = len(member.matching_columns) + len(member.other_columns)
        what = (
            f"{len(member.matching_columns)} of {every} columns"
            if member.matching_columns
            else "names and types"
        )
        yield EffectLine("+", f"opens {member.name}: {what}", access.owner, member.name, names)


def _list_side_effects(access: ManyTablesAccess, state: TagState) -> Iterator[EffectLine]:
    if access.is_cross_account:
        how = "inside the organisation"
        if not state.in_organisation:
            how = "outside the organisation: an invitation is accepted"
        yield EffectLine("!", f"shared with account {access.consumer}, {how}", access.consumer)
    for arn in state.list_unregistered(access):
        path = f"s3://{arn.removeprefix('arn:aws:s3:::')}"
        yield EffectLine("!", f"{path} becomes governed by Lake Formation", access.owner, path)


def _warn_of_creator(access: ManyTablesAccess, members: Sequence[ReachedTable]) -> Iterator[EffectLine]:
    """A warning for the tables that the principal created."""
    names = [member.name for member in members if is_for_table_creator(access, member.creator)]
    if names:
        role = access.principal_arn.rsplit("/", 1)[-1]
        text = f"{role} created {list_names(names, MAX_NAMES)} and can see all of {'it' if len(names) == 1 else 'them'} anyway"
        yield EffectLine("!", f"{text}: this grant does not restrict that", access.owner)


def _list_warnings(
    access: ManyTablesAccess, members: Sequence[ReachedTable], state: TagState
) -> Iterator[EffectLine]:
    yield EffectLine(
        "!",
        f"{access.later_name} is readable at once, without another request: AWS checks each read",
        access.owner,
    )
    for member in members:
        if member.other_columns and member.partition_keys and member.matching_columns:
            keys = ", ".join(column.name for column in member.partition_keys)
            yield EffectLine(
                "!",
                f"partition key {keys} of {member.name} is visible too: Lake Formation can't hide it",
                access.owner,
            )
    if not access.is_cross_account and is_open_to_iam(state.held, access):
        text = "IAMAllowedPrincipals still holds some of these tables: Lake Formation does not protect them"
        yield EffectLine("!", text, access.owner)


def _list_refusals(
    access: ManyTablesAccess, members: Sequence[ReachedTable], state: TagState
) -> Iterator[str]:
    if access.is_account_grant:
        yield f"{access.account_refusal} granted to a role here, not to a whole account"
    if state.is_hybrid:
        yield "some of the data is in hybrid access mode, where each role is opted in by name: request tables"
    if access.is_cross_account and is_open_to_iam(state.held, access):
        yield "IAMAllowedPrincipals still holds some of these tables, so nothing protects them once they are shared"
    mine = {
        (p.database, p.table)
        for p in state.held
        if p.principal == access.principal_arn and p.verb in WRITE_VERBS
    }
    strong = [
        one.name
        for one in members
        if one.other_columns and {(one.database, one.table), (one.database, "*")} & mine
    ]
    if strong:
        yield f"the role can write to {', '.join(strong[:MAX_NAMES])} and can see every column"
    for member in members:
        hidden = {column.classification for column in member.matching_columns}
        if (
            member.matching_columns
            and any(k.classification == "sensitive" for k in member.partition_keys)
            and "sensitive" not in hidden
        ):
            yield f"a partition key of {member.name} is sensitive and can't be hidden"


def _find_widenings(members: Sequence[ReachedTable], state: TagState) -> Iterator[Widening]:
    """A row filter limits only where nothing else shows more; this access shows all rows of what it opens."""
    by_place = {(member.database, member.table): member for member in members}
    for place, cells in state.other_cells:
        shared = by_place[place].columns & cells.columns if place in by_place else NO_COLUMNS
        if shared:
            text = (
                f"sees {describe_columns(shared)} of {'.'.join(place)} in all rows from then on:"
                f" {cells.source} no longer limits them"
            )
            yield Widening(shared, "", cells.source, text)
