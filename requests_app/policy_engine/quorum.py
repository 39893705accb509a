"""Who may decide, and which approvals are still missing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from requests_app.policy_engine.rules import DeciderRole, RequiredApproval


@dataclass(frozen=True)
class RoleApproval:
    """One person's, in one role."""

    person: int
    role: DeciderRole


@dataclass(frozen=True)
class Decider:
    """A person, their teams in any role, and the roles that they hold for a request."""

    person: int
    teams: frozenset[int]
    roles: frozenset[DeciderRole]


@dataclass(frozen=True)
class RequestingSide:
    """The requesting side. `requesters`: who sent the request, everybody who took it over, and the responsible person of the
    service role. `teams`: the requesting teams. `members`: who belonged to these teams when it was sent.
    """

    requesters: frozenset[int]
    teams: frozenset[int]
    members: frozenset[int] = frozenset()


class DecisionBar(StrEnum):
    """Why somebody may not decide."""

    OWN = "own"
    TEAM = "team"
    ROLE = "role"


def find_decision_bar(decider: Decider, role: DeciderRole, side: RequestingSide) -> DecisionBar | None:
    """None if this person may decide in this role. Nobody decides on their own request. Whoever belongs to a requesting
    team, or belonged to it when the request was sent, does not decide either, except as the team's lead: a lead never
    decides alone, as a data owner's approval is always needed.
    """
    if decider.person in side.requesters:
        return DecisionBar.OWN
    if role not in decider.roles:
        return DecisionBar.ROLE
    if role is not DeciderRole.LEAD and (decider.teams & side.teams or decider.person in side.members):
        return DecisionBar.TEAM
    return None


def find_missing_approvals(
    needs: Iterable[RequiredApproval], approvals: Collection[RoleApproval]
) -> tuple[RequiredApproval, ...]:
    """What is still needed, with the quorums that are left. A person counts once, in the role that was recorded."""
    people: dict[DeciderRole, set[int]] = {}
    for person, role in {yes.person: yes.role for yes in approvals}.items():
        people.setdefault(role, set()).add(person)
    left = [(need, need.quorum - len(people.get(need.role, ()))) for need in needs]
    return tuple(RequiredApproval(need.role, more, need.step) for need, more in left if more > 0)


def get_next_roles(left: Sequence[RequiredApproval]) -> tuple[DeciderRole, ...]:
    """Whose turn it is: the roles of the first step that is not done."""
    first = min((need.step for need in left), default=0)
    return tuple(sorted(need.role for need in left if need.step == first))
