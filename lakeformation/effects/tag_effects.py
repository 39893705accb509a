"""What a yes to an LF-Tag expression, or to a whole database, makes true: its permissions, and every table and column
that it reaches today.

The digest binds the expression, or the database, and what it reached when it was shown. AWS evaluates tags and wildcards
anew at each read, so what they reach later on is not the engine's to hold: that is told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakeformation.access.access import Access
from lakeformation.effects.table_effects import WRITE_VERBS, Effects, Line, TableColumn, made
from lakeformation.effects.widening import Cells, Widening
from lakeformation.observation.reading import covers, open_to_iam
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.permissions import Held
from lakeformation.values.resource_links import Link
from lakeformation.values.wording import columns_worded, listed, worded

MOST_NAMED = 3


@dataclass(frozen=True)
class Member:
    """A table that is reached. `opened` are its data columns that fit the expression, `closed` those that do not; in a
    whole database none is closed. `made_by` is the ARN of who made it, which nobody agrees to; empty where it is not known.

    Where all columns fit, so will those to come that carry no other tags.
    """

    database: str
    table: str
    created: str
    opened: tuple[TableColumn, ...]
    closed: tuple[TableColumn, ...] = ()
    keys: tuple[TableColumn, ...] = ()
    made_by: str = ""

    @property
    def name(self) -> str:
        return f"{self.database}.{self.table}"

    @property
    def columns(self) -> ColumnSet:
        return ColumnSet.include(column.name for column in self.opened)

    @property
    def shown(self) -> tuple[TableColumn, ...]:
        """With the partition keys, which come with any column (AWS, "data filtering notes")."""
        return (*self.opened, *self.keys) if self.opened else ()

    def to_json(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "table": self.table,
            "created": self.created,
            "columns": {column.name: column.classification for column in self.shown},
        }


@dataclass(frozen=True)
class TagsKnown:
    """What rows tell of AWS: what is held, which links stand, which S3 ARNs are registered, and which hybrid.

    `others` are cells of members, by database and table, that the principal sees by a row rule.
    """

    held: Held = field(default_factory=dict)
    links: frozenset[Link] = frozenset()
    delivered: bool = False
    locations: frozenset[str] = frozenset()
    is_hybrid: bool = False
    in_organisation: bool = True
    others: tuple[tuple[tuple[str, str], Cells], ...] = ()

    def unregistered(self, access: Access) -> tuple[str, ...]:
        """ARNs of data that become governed by Lake Formation."""
        wanted = (location.arn for location in access.registrations)
        return tuple(arn for arn in wanted if not any(covers(one, arn) for one in self.locations))


def tag_effects(access: Access, members: Sequence[Member], known: TagsKnown) -> Effects:
    """The effects of granting `access`, which is by LF-Tags or of a whole database, given what it reaches now."""
    lines = [*_of_permissions(access, known), *_of_links(access, known)]
    return Effects(
        access=access,
        approved=_approved(access, members),
        adds=(*(line for line in lines if line.sign == "+"), *_of_members(access, members)),
        already_there=tuple(line for line in lines if line.sign == "="),
        not_granted=tuple(f"{one.name}.{column.name}" for one in members for column in one.closed),
        side_effects=tuple(_side_effects(access, known)),
        warnings=(*_made(access, members), *_warnings(access, members, known)),
        refusals=tuple(_refusals(access, members, known)),
        widenings=tuple(_widenings(members, known)),
    )


def _approved(access: Access, members: Sequence[Member]) -> dict[str, Any]:
    return {
        "access": access.to_json(),
        "atoms": [
            {**permission.to_json(), "columns": part.to_json()} for permission, part in access.permissions
        ],
        "members": [one.to_json() for one in members],
        "links": [link.to_json() for link in access.links],
        "locations": [location.to_json() for location in access.registrations],
    }


def _of_permissions(access: Access, known: TagsKnown) -> Iterator[Line]:
    role = f"account {access.consumer}" if access.is_envelope else access.principal_arn.rsplit("/", 1)[-1]
    for permission, wanted in access.permissions:
        sign = "+" if wanted - known.held.get(permission, NONE) else "="
        text = f"{worded(permission.verb, permission.resource)} for {role}{', to pass on' if permission.grantable else ''}"
        yield Line(sign, text, permission.place.account, permission.resource)


def _of_links(access: Access, known: TagsKnown) -> Iterator[Line]:
    for link in access.links:
        sign = "=" if link in known.links else "+"
        yield Line(sign, f"resource link {link.name}", access.consumer, link.name)


def _of_members(access: Access, members: Sequence[Member]) -> Iterator[Line]:
    for one in members:
        names = tuple(column.name for column in one.shown)
        every = len(one.opened) + len(one.closed)
        what = f"{len(one.opened)} of {every} columns" if one.opened else "names and types"
        yield Line("+", f"opens {one.name}: {what}", access.owner, one.name, names)


def _side_effects(access: Access, known: TagsKnown) -> Iterator[Line]:
    if access.is_shared:
        how = "inside the organisation"
        if not known.in_organisation:
            how = "outside the organisation: an invitation is accepted"
        yield Line("!", f"shared with account {access.consumer}, {how}", access.consumer)
    for arn in known.unregistered(access):
        path = f"s3://{arn.removeprefix('arn:aws:s3:::')}"
        yield Line("!", f"{path} becomes governed by Lake Formation", access.owner, path)


def _made(access: Access, members: Sequence[Member]) -> Iterator[Line]:
    """Of several tables, as `made` tells it of one."""
    names = [one.name for one in members if made(access, one.made_by)]
    if names:
        role = access.principal_arn.rsplit("/", 1)[-1]
        text = f"{role} created {listed(names, MOST_NAMED)} and can see all of {'it' if len(names) == 1 else 'them'} anyway"
        yield Line("!", f"{text}: this grant does not restrict that", access.owner)


def _warnings(access: Access, members: Sequence[Member], known: TagsKnown) -> Iterator[Line]:
    yield Line(
        "!",
        f"{_later(access)} is readable at once, without another request: AWS checks each read",
        access.owner,
    )
    for one in members:
        if one.closed and one.keys and one.opened:
            keys = ", ".join(column.name for column in one.keys)
            yield Line(
                "!", f"partition key {keys} of {one.name} is visible too: Lake Formation can't hide it",
                access.owner,
            )  # fmt: skip
    if not access.is_shared and open_to_iam(known.held, access):
        text = "IAMAllowedPrincipals still holds some of these tables: Lake Formation does not protect them"
        yield Line("!", text, access.owner)


def _later(access: Access) -> str:
    if access.by_tags:
        return "everything tagged with these LF-Tags later"
    return f"everything added to {access.database} later, tables and columns,"


def _refusals(access: Access, members: Sequence[Member], known: TagsKnown) -> Iterator[str]:
    if access.is_envelope:
        what = "LF-Tags are" if access.by_tags else "all tables of a database, including future ones, are"
        yield f"{what} granted to a role here, not to a whole account"
    if known.is_hybrid:
        yield "some of the data is in hybrid access mode, where each role is opted in by name: request tables"
    if access.is_shared and open_to_iam(known.held, access):
        yield "IAMAllowedPrincipals still holds some of these tables, so nothing protects them once they are shared"
    strong = _strong(access, members, known)
    if strong:
        yield f"the role can write to {', '.join(strong[:MOST_NAMED])} and can see every column"
    for one in members:
        hidden = {column.classification for column in one.opened}
        if (
            one.opened
            and any(k.classification == "sensitive" for k in one.keys)
            and "sensitive" not in hidden
        ):
            yield f"a partition key of {one.name} is sensitive and can't be hidden"


def _strong(access: Access, members: Sequence[Member], known: TagsKnown) -> list[str]:
    mine = {
        (p.database, p.table)
        for p in known.held
        if p.principal == access.principal_arn and p.verb in WRITE_VERBS
    }
    return [
        one.name for one in members if one.closed and {(one.database, one.table), (one.database, "*")} & mine
    ]


def _widenings(members: Sequence[Member], known: TagsKnown) -> Iterator[Widening]:
    """A row rule limits only where nothing else shows more: here every row of what is opened shows."""
    by_place = {(one.database, one.table): one for one in members}
    for place, cells in known.others:
        shared = by_place[place].columns & cells.columns if place in by_place else NONE
        if shared:
            text = (
                f"sees {columns_worded(shared)} of {'.'.join(place)} in all rows from then on:"
                f" {cells.why} no longer limits them"
            )
            yield Widening(shared, "", cells.why, text)
