"""What a reviewer reads of the policies: which apply and why, who has approved and who is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity.people.models import Person
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.policies.evaluation import evaluate_item
from requests_app.policies.models import RequiredTextAcceptance
from requests_app.policies.required_information import (
    describe_missing_information,
    list_missing_labels,
    list_text_acceptances,
)
from requests_app.policies.wording import (
    describe_offer_approval,
    describe_outcome,
    list_fired_rules,
    list_refusals,
)
from requests_app.policy_engine.required_information import RequiredInformation, find_missing_information
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import PolicyVerdict


@dataclass(frozen=True)
class RequiredApprovalRow:
    """`approvers` are those who approved these effects in this role; `is_turn`, whether others do next."""

    role: str
    quorum: int
    approvers: tuple[Person, ...]
    is_turn: bool

    @property
    def is_met(self) -> bool:
        return len(self.approvers) >= self.quorum


@dataclass(frozen=True)
class AnswerRow:
    """What a rule wanted to be said, under its label."""

    label: str
    answer: str


@dataclass(frozen=True)
class PolicySummary:
    """`policy_hash` binds a decision to what is shown; `refusals` say why nobody can agree just now.
    `answers` and `text_acceptances` are what rules required and the requester gave.
    """

    policy_hash: str
    outcome_text: str
    fired_rules: tuple[str, ...]
    refusals: tuple[str, ...]
    needs: tuple[RequiredApprovalRow, ...]
    answers: tuple[AnswerRow, ...] = ()
    text_acceptances: tuple[RequiredTextAcceptance, ...] = ()


def build_policy_summary(item: RequestItem, effects: Effects, *, is_waiting: bool) -> PolicySummary:
    """By the published rules while it waits, else as they were when it was decided. Two queries while it waits, and one
    where there is a text to accept.
    """
    if not is_waiting:
        return _build_summary("", item.verdict, item, effects)
    _facts, verdict = evaluate_item(item, effects)
    return _build_summary(verdict.digest(), serialize_for_people(verdict), item, effects)


def serialize_for_people(verdict: PolicyVerdict) -> dict[str, Any]:
    """As JSON. What no rule approved when it was submitted, people decide, whatever a rule would say now."""
    data = verdict.to_json()
    return {**data, "outcome": "needs_review"} if data["outcome"] == "automatic" else data


def _build_summary(
    policy_hash: str, verdict: Mapping[str, Any], item: RequestItem, effects: Effects
) -> PolicySummary:
    if not verdict:
        return PolicySummary(policy_hash, "", (), (), ())
    needs = tuple(_build_approval_row(need, item, effects) for need in verdict["needs"])
    if item.offer and any(one.by_offer_id == item.offer_id for one in item.decisions.all()):
        outcome_text = describe_offer_approval(item.offer)
    else:
        outcome_text = describe_outcome(verdict)
    happens, fired = outcome_text, tuple(list_fired_rules(verdict))
    demands = RequiredInformation.from_verdict(verdict)
    accepted = list_text_acceptances(item.request.current_requester, demands)
    lacks = list_missing_labels(
        demands, find_missing_information(demands, item.answers, {one.digest for one in accepted})
    )
    why = (*list_refusals(verdict), *([describe_missing_information(lacks)] if lacks and policy_hash else []))
    # Also what was demanded when it was asked, and is no longer: under its name.
    labels = {field.name: field.label for field in demands.fields}
    answers = tuple(
        AnswerRow(labels.get(name, name), answer) for name, answer in sorted(item.answers.items())
    )
    return PolicySummary(policy_hash, happens, fired, why, needs, answers, accepted)


def _build_approval_row(need: Mapping[str, Any], item: RequestItem, effects: Effects) -> RequiredApprovalRow:
    shown = effects.digest()
    said = tuple(
        one.decided_by
        for one in item.decisions.all()
        if (one.answer, one.role, one.effects_hash) == (Decision.Answer.APPROVE, need["role"], shown)
        and (one.ends_at is None or one.ends_at >= item.ends_at)
    )
    return RequiredApprovalRow(
        DeciderRole(need["role"]).value, need["quorum"], said, need["role"] in item.waits_for
    )
