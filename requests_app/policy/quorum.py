"""Who may decide, and whether enough of them have: one function each, for every way by which a yes comes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from requests_app.policy.rules import Need, Role


@dataclass(frozen=True)
class Yes:
    """One person's, in one role."""

    person: int
    role: Role


@dataclass(frozen=True)
class Seat:
    """A person beside an ask: the teams they belong to in any role, and the roles that they hold for this ask."""

    person: int
    teams: frozenset[int]
    roles: frozenset[Role]


class Bar(StrEnum):
    """Why somebody may not decide."""

    OWN = "own"
    TEAM = "team"
    ROLE = "role"


def bar(seat: Seat, role: Role, *, askers: Collection[int], asking: Collection[int]) -> Bar | None:
    """None when this person may decide in this role; `askers` are who asks, and who answers for the service role that
    would read; `asking` are the teams that ask. Nobody decides on their own ask; the lead alone is of a team that asks,
    and never decides alone: the owner's yes is always needed.
    """
    if seat.person in askers:
        return Bar.OWN
    if role not in seat.roles:
        return Bar.ROLE
    if role is not Role.LEAD and seat.teams & frozenset(asking):
        return Bar.TEAM
    return None


def missing(needs: Iterable[Need], said: Collection[Yes]) -> tuple[Need, ...]:
    """What is still needed, with the quorums that are left. A person counts once, in the role that was recorded."""
    people: dict[Role, set[int]] = {}
    for person, role in {yes.person: yes.role for yes in said}.items():
        people.setdefault(role, set()).add(person)
    left = [(need, need.quorum - len(people.get(need.role, ()))) for need in needs]
    return tuple(Need(need.role, more, need.step) for need, more in left if more > 0)


def next_roles(left: Sequence[Need]) -> tuple[Role, ...]:
    """Whose turn it is: the roles of the first step that is not done."""
    first = min((need.step for need in left), default=0)
    return tuple(sorted(need.role for need in left if need.step == first))
