"""What shall be true now: the union of what the live intents want, each atom with its justification."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from lakeformation.atoms import Link, Permission, Share
from lakeformation.columns import NONE, ColumnSet
from lakeformation.observation import Observation
from lakeformation.wanted import Access


@dataclass(frozen=True)
class Wish:
    """An intent as the engine sees it. `approved` are the atoms of the effects that were approved.

    `was_applied`: something was sent to AWS for its sake, or it was seen to be true. What the principal
    of one that never was applied holds is somebody else's doing.
    """

    intent: int
    access: Access
    approved: tuple[tuple[Permission, ColumnSet], ...]
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    was_applied: bool = True

    def is_live(self, now: datetime) -> bool:
        """Expiry is this comparison; it waits for nobody's state change."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)

    def approved_columns(self, permission: Permission) -> ColumnSet:
        """The columns of a permission that the approved effects allow; NONE when it is not among them."""
        union = NONE
        for atom, columns in self.approved:
            if atom == permission:
                union |= columns
        return union


@dataclass
class Justified:
    """Atoms with, by intent, the part that each justifies."""

    permissions: dict[Permission, dict[int, ColumnSet]] = field(default_factory=dict)
    links: dict[Link, set[int]] = field(default_factory=dict)
    shares: dict[Share, set[int]] = field(default_factory=dict)

    def columns(self, permission: Permission) -> ColumnSet:
        """The union of the columns justified for a permission; NONE when nobody wants it."""
        union = NONE
        for part in self.permissions.get(permission, {}).values():
            union |= part
        return union

    def intents(self, permission: Permission, columns: ColumnSet) -> tuple[int, ...]:
        """The intents that justify some of the columns, in order."""
        parts = self.permissions.get(permission, {})
        return tuple(sorted(intent for intent, part in parts.items() if part & columns))


def justify(wishes: Iterable[Wish]) -> Justified:
    """Fold the wishes: SELECT on a table is one atom a principal, with a justification per column."""
    result = Justified()
    for wish in wishes:
        for permission, columns in wish.access.permissions():
            result.permissions.setdefault(permission, {})[wish.intent] = columns
        if wish.access.link:
            result.links.setdefault(wish.access.link, set()).add(wish.intent)
        if wish.access.share:
            result.shares.setdefault(wish.access.share, set()).add(wish.intent)
    return result


@dataclass(frozen=True)
class Desired:
    """`wanted` by live intents; `former`, what ended or stale ones justified and may still be there."""

    wanted: Justified
    former: Justified
    stale: dict[int, str]


def desired(wishes: Iterable[Wish], observed: Observation, *, now: datetime) -> Desired:
    """Split the wishes into what shall be and what shall no longer be.

    A stale wish is treated as an ended one: what it was granted is removed, nothing is healed.
    """
    live, ended, stale = [], [], {}
    for wish in wishes:
        if not wish.is_live(now):
            ended.append(wish)
        elif reason := observed.staleness(wish.access):
            stale[wish.intent] = reason
            ended.append(wish)
        else:
            live.append(wish)
    applied = [wish for wish in ended if wish.was_applied]
    return Desired(wanted=justify(live), former=justify(applied), stale=stale)
