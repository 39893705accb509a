"""What an approval writes: the decision and, when no other approval is missing, the grant with its intent."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from audit.models import Event
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from fulfilment.query_cache import QueryCache
from identity.people.events import record_by_person
from identity.people.models import Person
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.may import build_requesting_side
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.execution import pass_on_as_requested
from requests_app.policies.evaluation import VERDICT_FIELDS, store_verdict
from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.quorum import (
    RoleApproval,
    find_decision_bar,
    find_missing_approvals,
    get_next_roles,
)
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import PolicyVerdict
from requests_app.review.approval_hash import compute_approval_hash
from requests_app.review.may import build_decider, find_delegation
from requests_app.review.role_changes import filter_unbarred_roles
from requests_app.review.terms import NOT_NARROWED, NarrowedTerms, get_terms
from requests_app.targets.access import build_access, compute_effects
from requests_app.targets.checks import check_effects, check_widenings


@dataclass(frozen=True)
class PriorApproval:
    """Where a data owner approved in advance: in a domain's policy, an offer, or a standing consent.

    `verb` and `event_key` name it in the audit event, `field` in the decision.
    """

    row: Model
    verb: str
    event_key: str
    field: str


def check_effects_as_shown(
    item: RequestItem,
    effects_hash: str,
    widenings: Collection[str],
    readings: QueryCache | None = None,
    *,
    narrowed_item: RequestItem | None = None,
    narrowed: NarrowedTerms = NOT_NARROWED,
) -> Effects:
    """The effects of approving the item, or of `narrowed_item`. Their hash is the one that was shown.

    Raises EffectsChangedError, RefusedError.
    """
    effects = compute_effects(narrowed_item or item, readings)
    current = compute_approval_hash(item, effects, narrowed)
    if current != effects_hash:
        raise EffectsChangedError(effects, current)
    check_effects(effects)
    check_widenings(effects, widenings)
    return effects


def get_counting_role(
    person: Person, item: RequestItem, verdict: PolicyVerdict, approvals: Collection[RoleApproval]
) -> DeciderRole | None:
    """The role in which this person's yes counts: of those whose turn it is, else of those still missing. None for
    one who has said yes already, when only the rules changed since.
    """
    if person.pk in {yes.person for yes in approvals}:
        return None
    left = find_missing_approvals(verdict.needs, approvals)
    return _find_role(person, item, [*get_next_roles(left), *(need.role for need in left), *verdict.roles])


def _find_role(person: Person, item: RequestItem, roles: Iterable[DeciderRole]) -> DeciderRole | None:
    """The first of these in which the person may decide on the item."""
    seat, side = build_decider(person, item), build_requesting_side(item)
    held = [role for role in roles if find_decision_bar(seat, role, side) is None]
    return next((DeciderRole(role) for role in filter_unbarred_roles(person, item, held)), None)


def record_approval(
    item: RequestItem,
    person: Person,
    effects: Effects,
    now: datetime,
    *,
    role: DeciderRole | None,
    verdict: PolicyVerdict,
    is_last: bool = True,
    prior: PriorApproval | None = None,
) -> Event:
    """The event of an approval: of what, and under which policies; with `is_last`, nobody else's is needed. One that
    was given in advance names the version of the policy or offer, or the consent.
    """
    data: dict[str, Any] = {
        "effects": effects.to_json(),
        "effects_hash": effects.digest(),
        "terms": get_terms(item).to_json(),
        "widenings": [one.to_json() for one in effects.widenings],
        "role": role.value if role else "",
        "rules": verdict.to_json(),
    }
    verb = "approve_item" if is_last else "agree_to_item"
    if prior is not None:
        verb, data[prior.event_key] = prior.verb, prior.row.pk
    return record_by_person(verb, person, f"item:{item.pk}", data, now)


def create_approval(
    item: RequestItem,
    person: Person,
    role: DeciderRole,
    effects: Effects,
    event: Event,
    *,
    comment: str,
    narrowed: NarrowedTerms = NOT_NARROWED,
    prior: PriorApproval | None = None,
) -> Decision:
    return Decision.objects.create(
        item=item,
        requester_id=item.requester_id,
        decided_by=person,
        on_behalf_of=_find_delegating_owner(person, item, role),
        decided_at=event.at,
        answer=Decision.Answer.APPROVE,
        effects_hash=effects.digest(),
        widenings=[one.to_json() for one in effects.widenings],
        trial_days=narrowed.trial_days,
        comment=comment.strip(),
        role=role.value,
        ends_at=item.ends_at,
        event=event,
        **({prior.field: prior.row} if prior else {}),
    )


def build_role_approval(item: RequestItem, person: Person, role: DeciderRole) -> RoleApproval:
    """Theirs, or that of whom they decide for: one word, however many say it."""
    return RoleApproval((_find_delegating_owner(person, item, role) or person).pk, role)


def _find_delegating_owner(person: Person, item: RequestItem, role: DeciderRole) -> Person | None:
    passed_on = find_delegation(person, item) if role is DeciderRole.OWNER else None
    return passed_on.owner if passed_on else None


def create_rejection(
    item: RequestItem, person: Person, effects_hash: str, event: Event, *, comment: str
) -> Decision:
    role = _find_role(person, item, map(DeciderRole, item.needed_from)) or DeciderRole.OWNER
    return Decision.objects.create(
        item=item,
        requester_id=item.requester_id,
        decided_by=person,
        on_behalf_of=_find_delegating_owner(person, item, role),
        decided_at=event.at,
        answer=Decision.Answer.REJECT,
        effects_hash=effects_hash,
        comment=comment.strip(),
        role=role.value,
        event=event,
    )


def conclude_item(
    item: RequestItem,
    effects: Effects,
    event: Event,
    *,
    facts: PolicyFacts,
    verdict: PolicyVerdict,
    approvals: list[RoleApproval],
    readings: QueryCache | None = None,
) -> Grant | None:
    """The grant when nobody's yes is missing any more; None while the item waits for others. `readings` are those of
    the effects.
    """
    store_verdict(item, facts, verdict, approvals)
    item.agreed_hash = effects.digest()
    if find_missing_approvals(verdict.needs, approvals):
        item.save(update_fields=[*VERDICT_FIELDS, "agreed_hash"])
        return None
    state = ITEM_TRANSITIONS.check(item.state, ItemState.APPROVED)
    save_item_state(item, state, event.at, extra_fields=(*VERDICT_FIELDS, "agreed_hash"))
    grant = _create_grant(item, _create_intent(item, effects, event.at, readings), event)
    pass_on_as_requested(grant, event.at)
    return grant


def save_item_state(
    item: RequestItem, state: ItemState, now: datetime, extra_fields: Iterable[str] = ()
) -> None:
    """Written with what else of the item became other: fields, by their names."""
    item.state, item.state_changed_at = state, now
    item.save(update_fields=["state", "state_changed_at", *extra_fields])


def _create_intent(item: RequestItem, effects: Effects, now: datetime, readings: QueryCache | None) -> Intent:
    account = item.request.principal.account
    return engine.create_intent(
        kind=Intent.Kind.GRANT,
        scope_key=engine.share_scope_key(item.table.database.catalog_id, account.account_id),
        subject=f"item:{item.pk}",
        wanted=build_access(item, readings).to_json(),
        effects=effects.to_json(),
        effects_hash=effects.digest(),
        expires_at=item.ends_at,
        now=now,
    )


def _create_grant(item: RequestItem, intent: Intent, event: Event) -> Grant:
    return Grant.objects.create(
        item=item,
        intent=intent,
        principal=item.request.principal,
        table=item.table,
        effects_hash=intent.effects_hash,
        granted_at=event.at,
        ends_at=item.ends_at,
        event=event,
    )
