"""Start, answer, cancel and close access reviews. Keeping a grant never extends it.

Locks are taken in this order: access review, request, item, grant, review item.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.actions import record_event
from audit.models import Event
from catalog.mirror.models import Classification
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from requests_app.access_requests.input_checks import check_idempotency_key, check_same_submission, check_text
from requests_app.access_requests.locks import lock_idempotency_key
from requests_app.access_reviews.evidence import compute_evidence_digest
from requests_app.access_reviews.may import (
    may_cancel_access_review,
    may_close_access_review,
    may_keep_review_items,
    may_revoke_review_items,
    may_settle_review_item,
    may_start_access_review,
)
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.queries import (
    get_review_item_similarity,
    list_review_items,
    may_keep_together,
)
from requests_app.access_reviews.scope import MAX_UNUSED_DAYS, AccessReviewScope, list_scope_grants
from requests_app.access_reviews.states import (
    ACCESS_REVIEW_ITEM_TRANSITIONS,
    ACCESS_REVIEW_TRANSITIONS,
    AccessReviewItemState,
    AccessReviewState,
)
from requests_app.grants.end_dates import has_ended
from requests_app.grants.ending import check_end_reason, end_grant_early, shorten_grant
from requests_app.grants.queries import get_locked_grant

MIN_DURATION, MAX_DURATION = timedelta(days=1), timedelta(days=366)
MAX_NAME_LENGTH = 120
MAX_ITEMS = 1000
MAX_DECISIONS = 200
ENGINE_ACTOR = "engine:access_review"


@transaction.atomic(durable=True)
def start_access_review(
    *,
    acting_user: Person,
    name: str,
    scope: AccessReviewScope,
    due_at: datetime,
    idempotency_key: str,
    now: datetime,
) -> AccessReview:
    """Request a decision on each grant that is live in the scope now; later grants are not included. Idempotent by
    its key.

    Raises ForbiddenError, or RefusedError for an invalid input, an empty scope, and a key that was used for another
    access review.
    """
    require_allowed(may_start_access_review(acting_user, scope.domain))
    check_idempotency_key(idempotency_key)
    lock_idempotency_key(acting_user, idempotency_key)
    if first := AccessReview.objects.filter(started_by=acting_user, key=idempotency_key).first():
        over = AccessReviewScope(
            first.domain, first.product, first.account, first.classification, first.unused_days
        )
        is_same = (first.name, over, first.due_at) == (name.strip(), scope, due_at)
        check_same_submission(is_same=is_same)
        return first
    _check_form(name, scope, due_at, now)
    grants = list(list_scope_grants(scope, now).values_list("pk", flat=True)[: MAX_ITEMS + 1])
    if not grants:
        raise RefusedError(_("No active grant matches, so there is nothing to review."), "scope")
    if len(grants) > MAX_ITEMS:
        raise RefusedError(
            _("More than %(most)s grants match. Choose a narrower scope.") % {"most": MAX_ITEMS}, "scope"
        )
    data = {**_serialize_scope(scope), "due_at": due_at.isoformat(), "grants": grants}
    pk = _reserve_id()
    event = record_by_person("start_access_review", acting_user, f"access_review:{pk}", data, now)
    access_review = AccessReview.objects.create(
        pk=pk,
        name=name.strip(),
        started_by=acting_user,
        started_at=now,
        due_at=due_at,
        domain=scope.domain,
        product=scope.product,
        account=scope.account,
        classification=scope.classification,
        unused_days=scope.unused_days,
        key=idempotency_key,
        event=event,
    )
    items = (AccessReviewItem(access_review=access_review, grant_id=grant) for grant in grants)
    AccessReviewItem.objects.bulk_create(items)
    return access_review


@transaction.atomic(durable=True)
def keep_review_items(
    *,
    acting_user: Person,
    access_review_id: int,
    item_ids: Collection[int],
    reason: str,
    now: datetime,
    shortened_to: datetime | None = None,
) -> list[AccessReviewItem]:
    """Say that grants are still needed: they end when they would have, or at `shortened_to`, which must be
    sooner. Those that have their answer, or have ended, are left out.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason, for too many, for an end that is later, or
    for items that are not similar.
    """
    if not reason.strip():
        raise RefusedError(_("Say why the access is still needed."), "reason")
    check_text(reason, "reason")
    lines = _get_locked_items(acting_user, access_review_id, item_ids, now)
    if not (alike := may_keep_together([get_review_item_similarity(line) for line in lines])):
        raise RefusedError(alike.reason, "lines")
    done = []
    for line in lines:
        require_allowed(may_keep_review_items(acting_user, line))
        if line.state != AccessReviewItemState.OPEN:
            continue
        if shortened_to is not None:
            shorten_grant(line.grant, shortened_to, now)
        data = {"access_review": access_review_id, "until": shortened_to and shortened_to.isoformat()}
        event = record_by_person("keep_grant", acting_user, f"grant:{line.grant_id}", data, now)
        _save_decision(
            line,
            AccessReviewItemState.KEPT,
            event,
            decided_by=acting_user,
            reason=reason,
            shortened_to=shortened_to,
        )
        done.append(line)
    return done


@transaction.atomic(durable=True)
def revoke_review_items(
    *, acting_user: Person, access_review_id: int, item_ids: Collection[int], reason: str, now: datetime
) -> list[AccessReviewItem]:
    """End grants, also those that were kept before, as a revocation does. Those that have ended are left out.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason or for too many.
    """
    check_end_reason(reason)
    done = []
    for line in _get_locked_items(acting_user, access_review_id, item_ids, now):
        require_allowed(may_revoke_review_items(acting_user, line))
        if line.state in {AccessReviewItemState.OPEN, AccessReviewItemState.KEPT}:
            event = end_grant_early(
                line.grant, ended_by=acting_user, reason=reason, now=now, access_review=access_review_id
            )
            _save_decision(line, AccessReviewItemState.REVOKED, event, decided_by=acting_user, reason=reason)
            done.append(line)
    return done


@transaction.atomic(durable=True)
def cancel_access_review(
    *, acting_user: Person, access_review_id: int, reason: str, now: datetime
) -> AccessReview:
    """Cancel the access review: undecided grants go on as before, and decisions stay.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason.
    """
    if not reason.strip():
        raise RefusedError(_("Say why you cancel the access review."), "reason")
    check_text(reason, "reason")
    access_review = _get_locked_access_review(access_review_id)
    _check_visible(acting_user, access_review)
    require_allowed(may_cancel_access_review(acting_user, access_review))
    access_review.state = ACCESS_REVIEW_TRANSITIONS.check(access_review.state, AccessReviewState.CANCELLED)
    event = record_by_person(
        "cancel_access_review",
        acting_user,
        f"access_review:{access_review.pk}",
        {"reason": reason.strip()},
        now,
    )
    _save_closing(access_review, event)
    return access_review


@transaction.atomic(durable=True)
def settle_review_item(*, item_id: int, now: datetime) -> AccessReviewItem:
    """Called when due, for an item without a decision: its grant has ended meanwhile, or the deadline has
    passed and the grant ends by default, on the word of whoever started the access review.

    Raises IllegalTransitionError when it has its answer, ForbiddenError when it is not due.
    """
    review_item = AccessReviewItem.objects.filter(pk=item_id).first()
    if review_item is None:
        raise NotFoundError
    access_review = _get_locked_access_review(review_item.access_review_id)
    ACCESS_REVIEW_TRANSITIONS.check(access_review.state, AccessReviewState.CLOSED)
    line = _get_locked_item(review_item, None)
    grant = line.grant
    if has_ended(grant, now):
        data = {"access_review": access_review.pk}
        event = record_event(
            verb="settle_review_item", actor=ENGINE_ACTOR, subject=f"grant:{grant.pk}", data=data, now=now
        )
        _save_decision(line, AccessReviewItemState.ENDED, event)
        return line
    require_allowed(may_settle_review_item(access_review, now))
    ACCESS_REVIEW_ITEM_TRANSITIONS.check(line.state, AccessReviewItemState.DEFAULTED)
    due = date_format(timezone.localtime(access_review.due_at), _("j F Y, H:i"))
    reason = _("Access review “%(name)s”: nobody kept it by %(due)s.") % {
        "name": access_review.name,
        "due": due,
    }
    event = end_grant_early(
        grant,
        ended_by=access_review.started_by,
        reason=reason,
        now=now,
        actor=ENGINE_ACTOR,
        access_review=access_review.pk,
        by_default=True,
    )
    _save_decision(line, AccessReviewItemState.DEFAULTED, event, reason=reason)
    return line


@transaction.atomic(durable=True)
def close_access_review(*, access_review_id: int, now: datetime) -> AccessReview:
    """Called when due, once every item is decided. The event keeps the evidence's digest.

    Raises IllegalTransitionError when it is closed, ForbiddenError when it is not due or an item is open.
    """
    access_review = _get_locked_access_review(access_review_id)
    access_review.state = ACCESS_REVIEW_TRANSITIONS.check(access_review.state, AccessReviewState.CLOSED)
    require_allowed(may_close_access_review(access_review, now))
    counts = Counter(access_review.lines.values_list("state", flat=True))
    data = {"counts": dict(counts), "evidence": compute_evidence_digest(access_review)}
    subject = f"access_review:{access_review.pk}"
    _save_closing(
        access_review,
        record_event(verb="close_access_review", actor=ENGINE_ACTOR, subject=subject, data=data, now=now),
    )
    return access_review


def _check_form(name: str, scope: AccessReviewScope, due_at: datetime, now: datetime) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME_LENGTH:
        raise RefusedError(
            _("Use a name of at most %(most)s characters.") % {"most": MAX_NAME_LENGTH}, "name"
        )
    if not now + MIN_DURATION <= due_at <= now + MAX_DURATION:
        raise RefusedError(
            _("Choose a deadline from a day to a year from now, so that data owners have time to decide."),
            "due_at",
        )
    if scope.classification and scope.classification not in Classification.values:
        raise RefusedError(_("This classification does not exist."), "classification")
    if scope.unused_days is not None and not 0 < scope.unused_days <= MAX_UNUSED_DAYS:
        words = _("Choose from 1 to %(most)s days.") % {"most": MAX_UNUSED_DAYS}
        raise RefusedError(words, "unused_days")


def _serialize_scope(scope: AccessReviewScope) -> dict[str, Any]:
    """As the event keeps them."""
    filters = {
        "domain": scope.domain and scope.domain.pk,
        "product": scope.product and scope.product.pk,
        "account": scope.account and scope.account.pk,
        "classification": scope.classification,
    }
    return {**filters, "unused_days": scope.unused_days} if scope.unused_days else filters


def _reserve_id() -> int:
    """Reserve the access review's id, as its event names it before the row, which needs the event, exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('requests_accessreview', 'id'))")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _get_locked_items(
    person: Person, access_review_id: int, item_ids: Collection[int], now: datetime
) -> list[AccessReviewItem]:
    """The items whose grants are live, locked with them. NotFoundError; RefusedError when time is over."""
    if len(item_ids) > MAX_DECISIONS:
        raise RefusedError(_("Decide on at most %(most)s at once.") % {"most": MAX_DECISIONS}, "lines")
    access_review = _get_locked_access_review(access_review_id)
    _check_visible(person, access_review)
    if access_review.state != AccessReviewState.OPEN or access_review.due_at <= now:
        raise RefusedError(_("The deadline has passed. Nothing was changed."), "lines")
    review_items = list(list_review_items(person, access_review).filter(pk__in=item_ids))
    if len(review_items) < len(set(item_ids)):
        raise NotFoundError
    locked = [_get_locked_item(line, person) for line in review_items]
    return [line for line in locked if not has_ended(line.grant, now)]


def _get_locked_access_review(access_review_id: int) -> AccessReview:
    rows = AccessReview.objects.select_for_update(of=("self",)).select_related("started_by", "domain")
    access_review = rows.filter(pk=access_review_id).first()
    if access_review is None:
        raise NotFoundError
    return access_review


def _get_locked_item(review_item: AccessReviewItem, person: Person | None) -> AccessReviewItem:
    grant = get_locked_grant(person, review_item.grant_id)
    locked = AccessReviewItem.objects.select_for_update().get(pk=review_item.pk)
    locked.grant = grant
    return locked


def _check_visible(person: Person, access_review: AccessReview) -> None:
    """NotFoundError for an access review without an item that the person may see."""
    if not list_review_items(person, access_review).exists():
        raise NotFoundError


def _save_decision(
    review_item: AccessReviewItem,
    state: AccessReviewItemState,
    event: Event,
    *,
    decided_by: Person | None = None,
    reason: str = "",
    shortened_to: datetime | None = None,
) -> None:
    review_item.state = ACCESS_REVIEW_ITEM_TRANSITIONS.check(review_item.state, state)
    review_item.decided_by, review_item.decided_at, review_item.event = decided_by, event.at, event
    review_item.reason, review_item.until = reason.strip(), shortened_to
    review_item.save(update_fields=["state", "decided_by", "decided_at", "event", "reason", "until"])


def _save_closing(access_review: AccessReview, event: Event) -> None:
    access_review.closed_at, access_review.closing_event = event.at, event
    access_review.save(update_fields=["state", "closed_at", "closing_event"])
