"""Approve and reject an item."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from fulfilment.query_cache import QueryCache
from identity.errors import RefusedError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.access_requests.input_checks import check_text
from requests_app.access_requests.locks import get_locked_item, lock_decisions
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import evaluate_as_shown, list_role_approvals, lock_policies
from requests_app.policy_engine.quorum import find_missing_approvals
from requests_app.review.decisions import (
    build_role_approval,
    check_effects_as_shown,
    conclude_item,
    create_approval,
    create_rejection,
    get_counting_role,
    record_approval,
    save_item_state,
)
from requests_app.review.may import may_approve_item, may_reject_item
from requests_app.review.terms import (
    NOT_NARROWED,
    NarrowedTerms,
    check_same_terms,
    copy_with_terms,
    get_terms,
    narrow_terms,
    save_change,
)
from requests_app.targets.access import compute_effects
from requests_app.targets.checks import check_still_grantable


@transaction.atomic(durable=True)
def approve_item(
    *,
    acting_user: Person,
    item_id: int,
    effects_hash: str,
    comment: str,
    now: datetime,
    widenings: Collection[str] = (),
    narrowed: NarrowedTerms = NOT_NARROWED,
    policy_hash: str = "",
) -> Grant | None:
    """Approve exactly the effects shown, by `effects_hash` (`compute_approval_hash`), and each widening by its key; with
    `narrowed`, only what it leaves. None while approvals are missing. `policy_hash` is of the verdict shown.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError at the input that cannot be granted,
    EffectsChangedError or PolicyChangedError when the effects or the verdict have changed.
    """
    check_text(comment, "comment")
    item = _get_locked_approvable_item(acting_user, item_id)
    given = copy_with_terms(item, narrow_terms(item, narrowed, now))
    check_still_grantable(given, now)
    lock_decisions(item)
    readings = QueryCache()
    effects = check_effects_as_shown(
        item, effects_hash, widenings, readings, narrowed_item=given, narrowed=narrowed
    )
    facts, verdict = evaluate_as_shown(given, effects, policy_hash)
    approvals = list_role_approvals(given, effects.digest())
    role = get_counting_role(acting_user, given, verdict, approvals)
    approvals += [build_role_approval(given, acting_user, role)] if role else []
    is_last = not find_missing_approvals(verdict.needs, approvals)
    event = record_approval(given, acting_user, effects, now, role=role, verdict=verdict, is_last=is_last)
    if role is not None:
        create_approval(given, acting_user, role, effects, event, comment=comment, narrowed=narrowed)
    if get_terms(given) != get_terms(item):
        save_change(given, get_terms(item), acting_user, event)
    return conclude_item(
        given, effects, event, facts=facts, verdict=verdict, approvals=approvals, readings=readings
    )


def _get_locked_approvable_item(acting_user: Person, item_id: int) -> RequestItem:
    lock_policies()
    item = get_locked_item(acting_user, item_id)
    require_allowed(may_approve_item(acting_user, item))
    ITEM_TRANSITIONS.check(item.state, ItemState.APPROVED)
    return item


@transaction.atomic(durable=True)
def reject_item(
    *, acting_user: Person, item_id: int, comment: str, now: datetime, terms_hash: str = ""
) -> Decision:
    """Reject, with a reason for the requester. `terms_hash` is the `compute_terms_hash` of what was shown.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a comment, or when the ask was changed.
    """
    item = get_locked_item(acting_user, item_id)
    require_allowed(may_reject_item(acting_user, item))
    state = ITEM_TRANSITIONS.check(item.state, ItemState.REJECTED)
    check_same_terms(item, terms_hash)
    if not comment.strip():
        raise RefusedError(_("Give a reason. The requester reads it."), "comment")
    check_text(comment, "comment")
    effects_hash = compute_effects(item).digest()
    event = record_by_person(
        "reject_item", acting_user, f"item:{item.pk}", {"effects_hash": effects_hash}, now
    )
    decision = create_rejection(item, acting_user, effects_hash, event, comment=comment)
    save_item_state(item, state, now)
    return decision
