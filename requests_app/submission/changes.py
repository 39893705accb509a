"""The requester changes an item, with a preview of what would happen to it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.input_checks import check_end, check_text
from requests_app.access_requests.item_targets import get_extent
from requests_app.access_requests.locks import get_locked_item, save_item_state
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.policies.evaluation import (
    NOTHING_PROVIDED,
    VERDICT_FIELDS,
    ProvidedInformation,
    check_and_store_verdict,
    evaluate_item,
    lock_policies,
    store_answers,
)
from requests_app.policies.wording import describe_outcome
from requests_app.review.may import may_resubmit_item
from requests_app.review.risk import score_item
from requests_app.review.summary import serialize_for_people
from requests_app.review.terms import RequestTerms, copy_with_terms, get_terms, save_change
from requests_app.submission.offer_checks import check_change_within_offer
from requests_app.submission.preview import RequestPreview
from requests_app.targets.checks import check_effects, check_requested_item, compute_effects, hide_obstacle
from requests_app.targets.recipients import check_local_group
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.visible_targets import read_visible_targets


def build_changed_terms(
    person: Person, item: RequestItem, requested_item: RequestedItem, ends_at: datetime, now: datetime
) -> RequestTerms:
    """RefusedError for an invalid input. For LF-Tags and databases, only the end can change."""
    check_end(ends_at, now)
    if not item.target.is_single_table:
        return replace(get_terms(item), ends_at=ends_at)
    check_local_group(item.request.group, requested_item)
    same_table = replace(requested_item, table_id=item.table_id, product_id=item.product_id)
    found = check_requested_item(read_visible_targets(person, [same_table]), same_table)
    return RequestTerms(**get_extent(found), ends_at=ends_at)


def compute_change_effects(changed: RequestItem, now: datetime) -> Effects:
    """RefusedError when it leaves its offer, or would have effects that nobody may agree to."""
    check_change_within_offer(changed, now)
    effects = compute_effects(changed)
    check_effects(hide_obstacle(changed.request.current_requester, changed, effects))
    return effects


def preview_change(
    person: Person, item: RequestItem, requested_item: RequestedItem, ends_at: datetime, now: datetime
) -> RequestPreview:
    """Evaluate it by the published rules. RefusedError if it is invalid. People decide on what was returned, whatever a
    rule says.
    """
    changed = copy_with_terms(item, build_changed_terms(person, item, requested_item, ends_at, now))
    _facts, verdict = evaluate_item(changed, compute_change_effects(changed, now))
    return RequestPreview(
        describe_outcome(serialize_for_people(verdict)), required_information=verdict.required_information
    )


@transaction.atomic(durable=True)
def resubmit_item(
    *,
    acting_user: Person,
    item_id: int,
    requested_item: RequestedItem,
    ends_at: datetime,
    comment: str,
    now: datetime,
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> RequestItem:
    """Answer a request for changes: request something else of the same table, give a reason to leave it as it is, or
    give information that a rule now requires. Earlier information is kept.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError for an invalid input, or if nothing
    changed and nothing is said.
    """
    lock_policies()
    item = get_locked_item(acting_user, item_id)
    require_allowed(may_resubmit_item(acting_user, item))
    state = ITEM_TRANSITIONS.check(item.state, ItemState.SUBMITTED)
    check_text(comment, "comment")
    before, after = get_terms(item), build_changed_terms(acting_user, item, requested_item, ends_at, now)
    if after == before and not (comment.strip() or provided):
        raise RefusedError(_("You have changed nothing. Change the request, or add a comment."), "comment")
    changed = copy_with_terms(item, after)
    effects = compute_change_effects(changed, now)
    check_and_store_verdict(changed, effects)
    store_answers([changed], acting_user, provided, now)
    data = {"before": before.to_json(), "after": after.to_json(), "answers": changed.answers}
    event = record_by_person("resubmit_item", acting_user, f"item:{item.pk}", data, now)
    save_change(changed, before, acting_user, event, comment.strip())
    score_item(changed, effects)
    changed.save(update_fields=["risk", "risk_facts", "answers", *VERDICT_FIELDS])
    save_item_state(changed, state, now)
    return changed
