"""Decide on several items at once, and undo it. `requests_app.review.bulk.execution` carries it out."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from requests_app.access_requests.input_checks import check_idempotency_key, check_same_submission, check_text
from requests_app.access_requests.locks import get_locked_item
from requests_app.errors import EffectsChangedError
from requests_app.review.bulk.may import may_cancel_bulk_decision, may_decide_in_bulk
from requests_app.review.bulk.models import BulkDecision, BulkDecisionItem
from requests_app.review.bulk.queries import BulkSelection, select_for_bulk
from requests_app.review.terms import compute_terms_hash

Answer = BulkDecision.Answer


@transaction.atomic(durable=True)
def decide_in_bulk(
    *,
    acting_user: Person,
    answer: str,
    effects_hashes: Mapping[int, str],
    comment: str,
    idempotency_key: str,
    now: datetime,
) -> BulkDecision:
    """Give one answer to several items that are alike. `effects_hashes` are of the effects shown, by item id.
    It is carried out when it is due, each item by itself. Sent again under its key, it is one.

    Raises NotFoundError when one does not wait for this person, ForbiddenError, RefusedError when they are not alike,
    a no has no reason or the key came with another answer, EffectsChangedError when one is otherwise by now.
    """
    for item_id in sorted(effects_hashes):
        require_allowed(may_decide_in_bulk(acting_user, get_locked_item(acting_user, item_id)))
    # Under the items' locks: of two clicks at once, the second finds the first.
    if first := BulkDecision.objects.filter(person=acting_user, key=idempotency_key).first():
        before = dict(first.lines.values_list("item", "effects_hash"))
        is_same = (first.answer, first.comment, before) == (answer, comment.strip(), dict(effects_hashes))
        check_same_submission(is_same=is_same)
        return first
    for_bulk = select_for_bulk(acting_user, effects_hashes)
    _check_selection(for_bulk, answer, effects_hashes, comment, idempotency_key)
    data = {"answer": answer, "items": {str(pk): effects for pk, effects in sorted(effects_hashes.items())}}
    event = record_by_person("decide_in_bulk", acting_user, "items", data, now)
    bulk = BulkDecision.objects.create(
        person=acting_user,
        answer=answer,
        comment=comment.strip(),
        key=idempotency_key,
        decided_at=now,
        due_at=now + timedelta(seconds=settings.BULK_DELAY),
        event=event,
    )
    BulkDecisionItem.objects.bulk_create(
        BulkDecisionItem(
            bulk=bulk,
            item=row.item,
            effects_hash=row.effects_hash,
            rules_hash=row.policy_hash,
            terms_digest=compute_terms_hash(row.item),
        )
        for row in for_bulk.candidates
    )
    return bulk


@transaction.atomic(durable=True)
def cancel_bulk_decision(*, acting_user: Person, bulk_decision_id: int, now: datetime) -> BulkDecision:
    """Take a decision on several back before it is due. Cancelling it again changes nothing.

    Raises NotFoundError for another's, ForbiddenError when it is being carried out.
    """
    bulk = BulkDecision.objects.select_for_update().filter(pk=bulk_decision_id, person=acting_user).first()
    if bulk is None:
        raise NotFoundError
    if bulk.undone_at is not None:
        return bulk
    require_allowed(may_cancel_bulk_decision(acting_user, bulk, now))
    bulk.undone_at = now
    bulk.save(update_fields=["undone_at"])
    record_by_person("cancel_bulk_decision", acting_user, f"bulk_decision:{bulk.pk}", {}, now)
    return bulk


def _check_selection(
    found: BulkSelection, answer: str, effects_hashes: Mapping[int, str], comment: str, idempotency_key: str
) -> None:
    check_idempotency_key(idempotency_key)
    if answer == Answer.REJECT and not comment.strip():
        raise RefusedError(_("Give a reason. The requesters read it."), "comment")
    check_text(comment, "comment")
    if len(found.candidates) < len(effects_hashes):
        raise RefusedError(_("Some of them were decided in the meantime. Select again."), "items")
    if not found.verdict:
        raise RefusedError(found.verdict.reason, "items")
    for row in found.candidates:
        if row.effects_hash != effects_hashes[row.item.pk]:
            raise EffectsChangedError(row.effects, row.effects_hash)
        if answer == Answer.APPROVE and row.effects.refusals:
            raise RefusedError(row.effects.refusals[0], "items")
