"""Evaluate the rules on the facts: whose approval is needed, whose is missing, and what else they demand."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.rules import (
    DeciderRole,
    RequiredApproval,
    RequiredInformation,
    Rule,
    RuleEffect,
    merge_required_information,
)


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


OWNER_APPROVAL_ONLY = (RequiredApproval(DeciderRole.OWNER),)
"""The approvals required where no rule fires."""


class PolicyOutcome(StrEnum):
    """`automatic`: approved at once; `needs_review`: people decide; `refused`: nobody can approve it as it is."""

    AUTOMATIC = "automatic"
    NEEDS_REVIEW = "needs_review"
    REFUSED = "refused"


@dataclass(frozen=True)
class FiredRule:
    """A rule that applied. `unknown` are facts that were not known, and counted against the request."""

    rule: Rule
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyVerdict:
    """`needs` are the approvals by people, also where a rule approves for the data owner, in case it may not.

    `refusals` are the rules' texts; `excluded_columns` cannot be requested; `most_days` is set if the request
    lasts too long. `automatic` are the rules that approve, where nothing else prevents it.
    `required_information` has to be given before any approval, also by a rule or an offer.
    """

    outcome: PolicyOutcome
    needs: tuple[RequiredApproval, ...]
    refusals: tuple[str, ...]
    excluded_columns: tuple[str, ...]
    most_days: int | None
    automatic: tuple[Rule, ...]
    fired: tuple[FiredRule, ...]
    required_information: RequiredInformation

    @property
    def roles(self) -> tuple[DeciderRole, ...]:
        """The roles of `needs`, in their order."""
        return tuple(need.role for need in self.needs)

    @property
    def needs_only_owner(self) -> bool:
        """No rule refuses it, and none names whose yes it needs."""
        named = any(one.rule.then.needs for one in self.fired)
        return self.outcome is not PolicyOutcome.REFUSED and not named

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, stored with the request."""
        return {
            "outcome": self.outcome.value,
            "needs": [{"role": n.role.value, "quorum": n.quorum, "step": n.step} for n in self.needs],
            "refusals": list(self.refusals),
            "excluded_columns": list(self.excluded_columns),
            "most_days": self.most_days,
            "required_information": self.required_information.to_json(),
            "fired": [
                {
                    "name": one.rule.name,
                    "domain": one.rule.domain,
                    "version": one.rule.version,
                    "unknown": list(one.unknown),
                }
                for one in self.fired
            ],
        }

    def digest(self) -> str:
        """SHA-256 of the whole verdict."""
        return compute_verdict_digest(self.to_json())


def compute_verdict_digest(verdict: Mapping[str, Any]) -> str:
    """Takes a verdict as JSON."""
    return hashlib.sha256(json.dumps(verdict, sort_keys=True).encode()).hexdigest()


def evaluate_rules(rules: Iterable[Rule], facts: PolicyFacts) -> PolicyVerdict:
    """The verdict of these rules, those of other domains left out."""
    found = (FiredRule(rule, unknown) for rule in rules if (unknown := rule.fires(facts)) is not None)
    fired = tuple(sorted(found, key=_get_sort_key))
    tight = [one.rule.then for one in fired if not one.rule.then.automatic]
    refusals = tuple(sorted({effect.refusal for effect in tight if effect.refusal}))
    left_out = _list_excluded_columns(tight, facts)
    # The least number of days that a rule allows, if the request lasts longer or its length is not known.
    most = min((one.most_days for one in tight if one.most_days is not None), default=None)
    days = facts.numbers.get("days")
    most_days = most if most is not None and (days is None or days > most) else None
    demanded = [need for effect in tight for need in effect.needs]
    automatic = tuple(one.rule for one in fired if one.rule.then.automatic)
    refused = bool(refusals or left_out or most_days is not None)
    if refused or demanded:
        automatic = ()
    asks = PolicyOutcome.AUTOMATIC if automatic else PolicyOutcome.NEEDS_REVIEW
    outcome = PolicyOutcome.REFUSED if refused else asks
    demands = merge_required_information(effect.required_information for effect in tight)
    return PolicyVerdict(
        outcome,
        merge_required_approvals(demanded),
        refusals,
        left_out,
        most_days,
        automatic,
        fired,
        demands,
    )


def merge_required_approvals(demanded: Iterable[RequiredApproval]) -> tuple[RequiredApproval, ...]:
    """One need a role, the greatest quorum and the latest step of those demanded; the owner's in any case."""
    by_role: dict[DeciderRole, RequiredApproval] = {}
    for need in demanded:
        held = by_role.get(need.role, need)
        quorum, step = max(held.quorum, need.quorum), max(held.step, need.step)
        by_role[need.role] = RequiredApproval(need.role, quorum, step)
    by_role.setdefault(DeciderRole.OWNER, OWNER_APPROVAL_ONLY[0])
    return tuple(sorted(by_role.values(), key=lambda need: (need.step, need.role)))


def _get_sort_key(one: FiredRule) -> tuple[str, str, int]:
    return (one.rule.domain, one.rule.name, one.rule.version)


def _list_excluded_columns(tight: Iterable[RuleEffect], facts: PolicyFacts) -> tuple[str, ...]:
    """Columns that a rule leaves out. One without a class is left out with any class."""
    found: set[str] = set()
    for effect in tight:
        found |= facts.column_classifications.keys() & effect.excluded_columns
        if classes := effect.excluded_classifications:
            found |= {name for name, its in facts.column_classifications.items() if its in classes or not its}
    return tuple(sorted(found))
