"""What the review page shows: the requester, the effects of approving, who else may decide, the expected wait."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.models import Membership, Person, Team
from kernel import clock
from kernel.errors import RefusedError
from lakeformation.effects.call_preview import PlannedCall
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.may import get_item_domain, may_be_decided
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.coverage import find_extended_grant
from requests_app.grants.models import Grant
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.approval_hash import compute_approval_hash
from requests_app.review.decision_times import DecisionTime, get_decision_time
from requests_app.review.may import list_deciders
from requests_app.review.policy_summary import PolicySummary, build_policy_summary
from requests_app.review.risk import Risk, compute_risk
from requests_app.review.risk_scoring import build_risk_facts
from requests_app.review.terms import NOT_NARROWED, NarrowedTerms, copy_with_terms, narrow_terms
from requests_app.targets.access import hide_obstacle, preview_item_effects
from requests_app.targets.checks import check_effects, check_still_grantable


@dataclass(frozen=True)
class Review:
    """Ready for a page.

    `effects` and `calls` are those of an approval now, also when the item is decided; `effects_hash` is the
    `compute_approval_hash` that it has to name. `approved` is what was agreed to (the intent's effects), None before.
    `obstacle` says why nobody can approve just now, or is empty.
    """

    item: RequestItem
    effects: Effects
    calls: tuple[PlannedCall, ...]
    effects_hash: str
    approved: dict[str, Any] | None
    is_waiting: bool
    obstacle: str
    deciders: tuple[Person, ...]
    decisions: tuple[Decision, ...]
    expected_wait: DecisionTime | None
    extends: Grant | None
    policy_summary: PolicySummary

    @cached_property
    def risk(self) -> Risk:
        return compute_risk(build_risk_facts(self.item, self.effects))


def build_review(
    original_item: RequestItem,
    viewer: Person,
    narrowed: NarrowedTerms = NOT_NARROWED,
    now: datetime | None = None,
) -> Review:
    """The review of an item from `get_item_for_review`, or of what `narrowed` leaves of it. RefusedError when that is wider."""
    now = now or clock.now()
    item = copy_with_terms(original_item, narrow_terms(original_item, narrowed, now))
    domain = get_item_domain(item)
    found = preview_item_effects(item)
    effects = hide_obstacle(viewer, item, found.effects)
    deciders = tuple(list_deciders(item))
    is_waiting = item.state == ItemState.SUBMITTED
    grant = getattr(item, "grant", None)
    rules = build_policy_summary(item, effects, is_waiting=is_waiting)
    return Review(
        item=item,
        effects=effects,
        calls=found.plan_calls(),
        effects_hash=compute_approval_hash(original_item, found.effects, narrowed),
        approved=grant.intent.effects if grant else None,
        is_waiting=is_waiting,
        obstacle=_find_obstacle(item, effects, rules, deciders, now) if is_waiting else "",
        deciders=deciders,
        decisions=tuple(item.decisions.all()),
        expected_wait=get_decision_time(domain.owner_team_id if domain else None),
        extends=find_extended_grant(item) if is_waiting else None,
        policy_summary=rules,
    )


def _find_obstacle(
    item: RequestItem, effects: Effects, rules: PolicySummary, deciders: Sequence[Person], now: datetime
) -> str:
    try:
        check_still_grantable(item, now)
        check_effects(effects)
    except RefusedError as refusal:
        return refusal.message
    if not (verdict := may_be_decided(item)):
        return verdict.reason
    if rules.refusals:
        return " ".join(rules.refusals)
    if deciders and len(item.waits_for or item.needed_from) == 1:
        return ""
    return explain_missing_deciders(item)


def explain_missing_deciders(item: RequestItem) -> str:
    """Of a waiting item: each of the roles that have to approve next needs somebody. Empty if they have."""
    if item.state != ItemState.SUBMITTED or not item.request.current_requester.is_active:
        return ""
    missing = [role for role in item.waits_for or item.needed_from if not _has_decider(item, role)]
    if not missing:
        return ""
    if DeciderRole.OWNER not in missing:
        return _("Nobody has the role that a policy requires here. A governance admin can appoint someone.")
    return explain_missing_owners(get_item_domain(item))


def explain_missing_owners(domain: Domain | None) -> str:
    """Of something that waits for a data owner of the domain, of whom none may decide."""
    if domain is not None and is_without_owner(domain.owner_team):
        return _(
            "Nobody can decide this: %(team)s has no active data owner. A governance admin has to appoint one."
        ) % {"team": domain.owner_team.name}
    return _(
        "Nobody can decide this now: whoever could has asked for it, belongs to the requesting team, or is barred by a role change. A governance admin can appoint somebody else."
    )


def is_without_owner(team: Team) -> bool:
    """Whether no active person is its data owner."""
    owners = Membership.objects.filter(team=team, role=Membership.Role.DATA_OWNER)
    return not owners.filter(person__is_active=True).exists()


def _has_decider(item: RequestItem, role: str) -> bool:
    alone = copy.copy(item)
    alone.waits_for = [role]
    return list_deciders(alone).exists()
