"""Decide on several items at once, and undo it. `requests_app.review.bulk.execution` carries it out."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from identity.errors import NotFoundError, RefusedError, demand
from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.access_requests.input_checks import check_key, check_same_submission, check_text
from requests_app.access_requests.locks import get_locked_item
from requests_app.errors import EffectsChangedError
from requests_app.review.bulk.may import may_decide_in_bulk, may_undo_bulk
from requests_app.review.bulk.models import BulkDecision, BulkItem
from requests_app.review.bulk.queries import BulkSelection, select_for_bulk
from requests_app.review.terms import compute_terms_digest

Answer = BulkDecision.Answer


@transaction.atomic(durable=True)
def decide_in_bulk(
    *, acting_user: Person, answer: str, shown: Mapping[int, str], comment: str, key: str, now: datetime
) -> BulkDecision:
    """Give one answer to several items that are alike. `shown` has the hash of the effects shown, by item's id.
    It is carried out when it is due, each item by itself. Sent again under its key, it is one.

    Raises NotFoundError when one does not wait for this person, ForbiddenError, RefusedError when they are not alike,
    a no has no reason or the key came with another answer, EffectsChangedError when one is otherwise by now.
    """
    for item_id in sorted(shown):
        demand(may_decide_in_bulk(acting_user, get_locked_item(acting_user, item_id)))
    # Under the items' locks: of two clicks at once, the second finds the first.
    if first := BulkDecision.objects.filter(person=acting_user, key=key).first():
        check_same_submission(is_same=_is_same(first, answer, shown, comment))
        return first
    found = select_for_bulk(acting_user, shown)
    _check_selection(found, answer, shown, comment, key)
    data = {"answer": answer, "items": {str(pk): effects for pk, effects in sorted(shown.items())}}
    event = record_by_person("decide_in_bulk", acting_user, "items", data, now)
    bulk = BulkDecision.objects.create(
        person=acting_user, answer=answer, comment=comment.strip(), key=key, given_at=now,
        due_at=now + timedelta(seconds=settings.BULK_DELAY), event=event,
    )  # fmt: skip
    BulkItem.objects.bulk_create(
        BulkItem(
            bulk=bulk,
            item=row.item,
            effects_hash=row.effects_hash,
            rules_hash=row.rules_hash,
            terms_digest=compute_terms_digest(row.item),
        )
        for row in found.rows
    )
    return bulk


@transaction.atomic(durable=True)
def undo_bulk(*, acting_user: Person, bulk_id: int, now: datetime) -> BulkDecision:
    """Take a decision on several back before it is due. Undoing it twice is once.

    Raises NotFoundError for another's, ForbiddenError when it is being carried out.
    """
    bulk = BulkDecision.objects.select_for_update().filter(pk=bulk_id, person=acting_user).first()
    if bulk is None:
        raise NotFoundError
    if bulk.undone_at is not None:
        return bulk
    demand(may_undo_bulk(acting_user, bulk, now))
    bulk.undone_at = now
    bulk.save(update_fields=["undone_at"])
    record_by_person("undo_bulk", acting_user, f"bulk:{bulk.pk}", {}, now)
    return bulk


def _is_same(first: BulkDecision, answer: str, shown: Mapping[int, str], comment: str) -> bool:
    before = dict(first.lines.values_list("item", "effects_hash"))
    return (first.answer, first.comment, before) == (answer, comment.strip(), dict(shown))


def _check_selection(
    found: BulkSelection, answer: str, shown: Mapping[int, str], comment: str, key: str
) -> None:
    check_key(key)
    if answer == Answer.REJECT and not comment.strip():
        raise RefusedError(_("Give a reason. The requesters read it."), "comment")
    check_text(comment, "comment")
    if len(found.rows) < len(shown):
        raise RefusedError(_("Some of them were decided in the meantime. Select again."), "items")
    if not found.verdict:
        raise RefusedError(found.verdict.reason, "items")
    for row in found.rows:
        if row.effects_hash != shown[row.item.pk]:
            raise EffectsChangedError(row.effects, row.effects_hash)
        if answer == Answer.APPROVE and row.effects.refusals:
            raise RefusedError(row.effects.refusals[0], "items")
