"""An approval of an item: in which role a person gives it, whether the effects are those shown, and what it writes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model

from audit.models import Event
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.people.events import record_by_person
from identity.people.models import Person
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.locks import save_item_state
from requests_app.access_requests.may import build_requesting_side
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.execution import pass_on_as_requested
from requests_app.policies.evaluation import VERDICT_FIELDS, store_verdict
from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import (
    PolicyVerdict,
    RoleApproval,
    evaluate_rules,
    find_decision_bar,
    find_missing_approvals,
    get_next_roles,
)
from requests_app.review.may import build_decider, filter_unbarred_roles, find_delegation
from requests_app.review.terms import (
    NOT_NARROWED,
    NarrowedTerms,
    RequestTerms,
    compute_approval_hash,
    get_terms,
    save_change,
)
from requests_app.targets.checks import check_effects, check_widenings
from requests_app.targets.deprecations import lock_and_check_end


def check_effects_as_shown(
    item: RequestItem,
    effects: Effects,
    effects_hash: str,
    *,
    narrowed: NarrowedTerms = NOT_NARROWED,
    widenings: Collection[str] = (),
) -> None:
    """Raises EffectsChangedError unless `effects_hash` names these effects of approving the item, or what `narrowed` leaves
    of it; RefusedError for effects that nobody can approve, and for widenings that are not named.
    """
    current = compute_approval_hash(item, effects, narrowed)
    if current != effects_hash:
        raise EffectsChangedError(effects, current)
    check_effects(effects)
    check_widenings(effects, widenings)


@dataclass(frozen=True)
class Approver:
    """Who approves, in which role, and for which data owner who delegated it. `role` is None for a person who has
    approved the same effects before, when only the policies changed since.
    """

    person: Person
    role: DeciderRole | None
    on_behalf_of: Person | None = None

    @property
    def role_approval(self) -> RoleApproval | None:
        return RoleApproval((self.on_behalf_of or self.person).pk, self.role) if self.role else None


def find_approver(
    person: Person, item: RequestItem, verdict: PolicyVerdict, earlier: Collection[RoleApproval]
) -> Approver:
    """In the role in which their approval counts: of those whose turn it is, else of those still missing."""
    if person.pk in {approval.person for approval in earlier}:
        return Approver(person, None)
    left = find_missing_approvals(verdict.needs, earlier)
    role = _find_role(person, item, [*get_next_roles(left), *(need.role for need in left), *verdict.roles])
    return Approver(person, role, _find_delegating_owner(person, item, role))


def _find_role(person: Person, item: RequestItem, roles: Iterable[DeciderRole]) -> DeciderRole | None:
    """The first of these in which the person may decide on the item."""
    seat, side = build_decider(person, item), build_requesting_side(item)
    held = [role for role in roles if find_decision_bar(seat, role, side) is None]
    return next((DeciderRole(role) for role in filter_unbarred_roles(person, item, held)), None)


def _find_delegating_owner(person: Person, item: RequestItem, role: DeciderRole | None) -> Person | None:
    delegation = find_delegation(person, item) if role is DeciderRole.OWNER else None
    return delegation.owner if delegation else None


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


@dataclass(frozen=True)
class PriorApproval:
    """Where a data owner approved in advance: in a domain's policy, an offer, or a standing consent.

    `verb` and `event_key` name it in the audit event, `field` in the decision. With `is_sufficient`, no other approval
    that policies require is needed.
    """

    row: Model
    verb: str
    event_key: str
    field: str
    is_sufficient: bool = False


@dataclass(frozen=True)
class Approval:
    """A person's approval of an item, checked under its locks and not written yet.

    `item` has the approved terms, which may be narrower than `requested_terms`. `earlier` are the approvals of the same
    effects that the item has already.
    """

    item: RequestItem
    approver: Approver
    effects: Effects
    facts: PolicyFacts
    verdict: PolicyVerdict
    comment: str
    earlier: Sequence[RoleApproval] = ()
    narrowed: NarrowedTerms = NOT_NARROWED
    requested_terms: RequestTerms | None = None
    prior: PriorApproval | None = None

    @cached_property
    def role_approvals(self) -> list[RoleApproval]:
        """All approvals of these effects, this one included."""
        own = self.approver.role_approval
        return [*self.earlier, own] if own else list(self.earlier)

    @cached_property
    def stored_verdict(self) -> PolicyVerdict:
        """The verdict stored with the item; with a sufficient prior approval, one that needs only the data owner."""
        is_sufficient = self.prior is not None and self.prior.is_sufficient
        return evaluate_rules((), self.facts) if is_sufficient else self.verdict

    @cached_property
    def is_last(self) -> bool:
        """Whether no other approval is missing."""
        return not find_missing_approvals(self.stored_verdict.needs, self.role_approvals)


def conclude_approval(approval: Approval, now: datetime) -> Grant | None:
    """Write the approval. The grant if no other approval is missing; None while the item waits for others."""
    item, event = approval.item, _record_approval(approval, now)
    if approval.approver.role is not None:
        _create_decision(approval, approval.approver.role, event)
    if approval.requested_terms is not None and approval.requested_terms != get_terms(item):
        save_change(item, approval.requested_terms, approval.approver.person, event)
    store_verdict(item, approval.facts, approval.stored_verdict, approval.role_approvals)
    item.agreed_hash = approval.effects.digest()
    if not approval.is_last:
        item.save(update_fields=[*VERDICT_FIELDS, "agreed_hash"])
        return None
    save_item_state(item, ItemState.APPROVED, now, extra_fields=(*VERDICT_FIELDS, "agreed_hash"))
    grant = create_grant(item, approval.effects, event, now)
    pass_on_as_requested(grant, now)
    return grant


def _record_approval(approval: Approval, now: datetime) -> Event:
    """Records what was approved, and under which policies. One given in advance names the version of the policy or offer, or
    the consent.
    """
    data: dict[str, Any] = {
        "effects": approval.effects.to_json(),
        "effects_hash": approval.effects.digest(),
        "terms": get_terms(approval.item).to_json(),
        "widenings": [widening.to_json() for widening in approval.effects.widenings],
        "role": approval.approver.role.value if approval.approver.role else "",
        "rules": approval.verdict.to_json(),
    }
    verb = "approve_item" if approval.is_last else "agree_to_item"
    if approval.prior is not None:
        verb, data[approval.prior.event_key] = approval.prior.verb, approval.prior.row.pk
    return record_by_person(verb, approval.approver.person, f"item:{approval.item.pk}", data, now)


def _create_decision(approval: Approval, role: DeciderRole, event: Event) -> Decision:
    item, prior = approval.item, approval.prior
    return Decision.objects.create(
        item=item,
        requester_id=item.requester_id,
        decided_by=approval.approver.person,
        on_behalf_of=approval.approver.on_behalf_of,
        decided_at=event.at,
        answer=Decision.Answer.APPROVE,
        effects_hash=approval.effects.digest(),
        widenings=[widening.to_json() for widening in approval.effects.widenings],
        trial_days=approval.narrowed.trial_days,
        comment=approval.comment.strip(),
        role=role.value,
        ends_at=item.ends_at,
        event=event,
        **({prior.field: prior.row} if prior else {}),
    )


def create_grant(item: RequestItem, effects: Effects, event: Event, now: datetime) -> Grant:
    """The grant of an approved item, and the intent by which the workers apply its effects. RefusedError if its product
    is retired before the grant would end.
    """
    lock_and_check_end(item)
    principal = item.request.principal
    intent = engine.create_intent(
        kind=Intent.Kind.GRANT,
        scope_key=engine.share_scope_key(item.table.database.catalog_id, principal.account.account_id),
        subject=f"item:{item.pk}",
        wanted=effects.access.to_json(),
        effects=effects.to_json(),
        effects_hash=effects.digest(),
        expires_at=item.ends_at,
        now=now,
    )
    return Grant.objects.create(
        item=item,
        intent=intent,
        principal=principal,
        table=item.table,
        effects_hash=intent.effects_hash,
        granted_at=event.at,
        ends_at=item.ends_at,
        event=event,
    )
