"""Approve and reject an item."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from identity.people.request_cache import cache_for_action
from kernel.errors import RefusedError, require_allowed
from requests_app.access_requests.input_checks import check_text
from requests_app.access_requests.locks import get_locked_item, save_item_state
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import evaluate_as_shown, list_role_approvals, lock_policies
from requests_app.review.approval import (
    Approval,
    check_effects_as_shown,
    conclude_approval,
    create_rejection,
    find_approver,
)
from requests_app.review.assignment.mentions import tell_mentioned_of_item
from requests_app.review.may import may_approve_item, may_reject_item
from requests_app.review.terms import (
    NOT_NARROWED,
    NarrowedTerms,
    check_same_terms,
    copy_with_terms,
    get_terms,
    narrow_terms,
)
from requests_app.targets.checks import check_still_grantable, compute_effects


@transaction.atomic(durable=True)
def approve_item(
    *,
    acting_user: Person,
    item_id: int,
    effects_hash: str,
    comment: str,
    now: datetime,
    widenings: Collection[str] = (),
    narrowed: NarrowedTerms | Callable[[RequestItem], NarrowedTerms] = NOT_NARROWED,
    policy_hash: str = "",
) -> Grant | None:
    """Approve exactly the effects shown, by `effects_hash` (`compute_approval_hash`), and each widening by its key; with
    `narrowed`, only what it leaves: a function reads it from what was said of the locked item. None while approvals are
    missing. `policy_hash` is of the verdict shown.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError at the input that cannot be granted,
    EffectsChangedError or PolicyChangedError when the effects or the verdict have changed.
    """
    check_text(comment, "comment")
    person = cache_for_action(acting_user)
    lock_policies()
    requested = get_locked_item(person, item_id, locks_decisions=True)
    require_allowed(may_approve_item(person, requested))
    ITEM_TRANSITIONS.check(requested.state, ItemState.APPROVED)
    if callable(narrowed):
        narrowed = narrowed(requested)
    item = copy_with_terms(requested, narrow_terms(requested, narrowed, now))
    check_still_grantable(item, now)
    effects = compute_effects(item)
    check_effects_as_shown(requested, effects, effects_hash, narrowed=narrowed, widenings=widenings)
    if set(item.columns) != set(requested.columns) and not comment.strip():
        raise RefusedError(_("Tell the requester why you approve fewer columns."), "comment")
    facts, verdict = evaluate_as_shown(item, effects, policy_hash)
    earlier = list_role_approvals(item, effects.digest())
    approval = Approval(
        item=item,
        approver=find_approver(person, item, verdict, earlier),
        effects=effects,
        facts=facts,
        verdict=verdict,
        comment=comment,
        earlier=earlier,
        narrowed=narrowed,
        requested_terms=get_terms(requested),
    )
    tell_mentioned_of_item(person, item, comment, now)
    return conclude_approval(approval, now)


@transaction.atomic(durable=True)
def reject_item(
    *, acting_user: Person, item_id: int, comment: str, now: datetime, terms_hash: str = ""
) -> Decision:
    """Reject, with a reason for the requester. `terms_hash` is the `compute_terms_hash` of what was shown.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a comment, or if the request was changed.
    """
    person = cache_for_action(acting_user)
    item = get_locked_item(person, item_id)
    require_allowed(may_reject_item(person, item))
    state = ITEM_TRANSITIONS.check(item.state, ItemState.REJECTED)
    check_same_terms(item, terms_hash)
    if not comment.strip():
        raise RefusedError(_("Give a reason. The requester reads it."), "comment")
    check_text(comment, "comment")
    effects_hash = compute_effects(item).digest()
    event = record_by_person("reject_item", person, f"item:{item.pk}", {"effects_hash": effects_hash}, now)
    tell_mentioned_of_item(person, item, comment, now)
    decision = create_rejection(item, person, effects_hash, event, comment=comment)
    save_item_state(item, state, now)
    return decision
