"""What a yes makes true, worked out before it is said: shown, approved by its digest, enforced at send."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from lakeformation.atoms import SELECT, Permission
from lakeformation.canonical import digest
from lakeformation.columns import NONE, ColumnSet
from lakeformation.observation import open_to_iam
from lakeformation.rows import Held
from lakeformation.wanted import Access
from lakeformation.wording import columns_counted, worded

WRITE_VERBS = frozenset({"ALL", "SUPER", "ALTER", "DELETE", "DROP", "INSERT"})


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

    def digest(self) -> str:
        """SHA-256 over what is approved: order, batching and "already there" never count."""
        return digest(self.approved)

    def to_json(self) -> dict[str, Any]:
        return self.approved


def effects(
    access: Access,
    *,
    columns: Sequence[TableColumn],
    held: Held,
    linked: bool,
    registered: bool,
    in_organisation: bool,
    asked: Collection[str] = (),
) -> Effects:
    """The effects of granting `access`, given the table's columns and what was last seen in AWS.

    `asked` are the columns asked for by name: a sensitive partition key may come only if it is among them.
    """
    added, present = _lines(access, held, linked=linked)
    return Effects(
        access=access,
        approved=_approved(access, columns),
        adds=tuple(added),
        already_there=tuple(present),
        not_granted=tuple(c.name for c in columns if not _visible(access, c)),
        side_effects=tuple(_side_effects(access, registered=registered, in_organisation=in_organisation)),
        warnings=tuple(_warnings(access, columns, held)),
        refusals=tuple(_refusals(access, columns, held, asked)),
    )


def approved_atoms(effects_json: dict[str, Any]) -> tuple[tuple[Permission, ColumnSet], ...]:
    """The permissions with their columns that stored effects allow."""
    return tuple(
        (Permission.from_json(atom), ColumnSet.from_json(atom["columns"])) for atom in effects_json["atoms"]
    )


def _approved(access: Access, columns: Sequence[TableColumn]) -> dict[str, Any]:
    return {
        "access": access.to_json(),
        "atoms": [
            {**permission.to_json(), "columns": part.to_json()} for permission, part in access.permissions()
        ],
        "classification": {c.name: c.classification for c in columns if _visible(access, c)},
        "link": access.link.to_json() if access.link else None,
        "location": access.registration.to_json() if access.registration else None,
    }


def _visible(access: Access, column: TableColumn) -> bool:
    return column.is_partition_key or column.name in access.columns


def _lines(access: Access, held: Held, *, linked: bool) -> tuple[list[Line], list[Line]]:
    added, present = [], []
    for permission, wanted in access.permissions():
        missing = wanted - held.get(permission, NONE)
        if missing:
            added.append(_line("+", permission, missing, access))
        else:
            present.append(_line("=", permission, wanted, access))
    if access.link:
        line = Line(
            "=" if linked else "+", f"resource link {access.link.name}", access.consumer, access.link.name
        )
        (present if linked else added).append(line)
    return added, present


def _line(sign: str, permission: Permission, columns: ColumnSet, access: Access) -> Line:
    where = permission.resource.replace("/", ".")
    role = access.principal_arn.rsplit("/", 1)[-1]
    selects = permission.verb == SELECT
    what = worded(permission.verb, permission.resource, columns_counted(columns) if selects else "")
    names = columns.names if selects and not columns.but else ()
    return Line(sign, f"{what} for {role}", permission.place.account, where, names)


def _side_effects(access: Access, *, registered: bool, in_organisation: bool) -> list[Line]:
    lines = []
    if access.is_shared:
        how = (
            "inside the organisation"
            if in_organisation
            else "outside the organisation: an invitation is accepted"
        )
        lines.append(Line("!", f"shared with account {access.consumer}, {how}", access.consumer))
    if not registered:
        text = f"{access.location} becomes governed by Lake Formation"
        lines.append(Line("!", text, access.owner, access.location))
    return lines


def _warnings(access: Access, columns: Sequence[TableColumn], held: Held) -> list[Line]:
    lines = [
        Line("!", f"partition key {c.name} is visible as well: Lake Formation cannot hide it", access.owner)
        for c in columns
        if c.is_partition_key and c.name not in access.columns
    ]
    if access.columns.but:
        lines.append(Line("!", "columns added later will be readable without asking again", access.owner))
    if open_to_iam(held, access):
        text = (
            "IAMAllowedPrincipals still holds this table: Lake Formation does not guard it inside its account"
        )
        lines.append(Line("!", text, access.owner))
    wider = held.get(next(p for p, _ in access.permissions() if p.verb == SELECT))
    if wider and wider - access.columns:
        extra = "every column" if wider.but else ", ".join((wider - access.columns).names)
        lines.append(Line("!", f"the principal can already read {extra} besides", access.owner))
    return lines


def _refusals(
    access: Access, columns: Sequence[TableColumn], held: Held, asked: Collection[str]
) -> list[str]:
    reasons = []
    writes = sorted({p.verb for p in held if p.principal == access.principal_arn and access.reaches(p)})
    if not access.columns.but and (strong := [verb for verb in writes if verb in WRITE_VERBS]):
        reasons.append(f"the principal holds {', '.join(strong)} on this table and would see every column")
    if access.is_shared and open_to_iam(held, access):
        reasons.append(
            "IAMAllowedPrincipals still holds this table, so AWS refuses to share it with an account"
        )
    classes = {c.classification for c in columns if c.name in access.columns or c.name in asked}
    reasons += [
        f"partition key {c.name} is sensitive and cannot be hidden; ask for it too"
        for c in columns
        if c.is_partition_key and c.classification == "sensitive" and "sensitive" not in classes
    ]
    return reasons
