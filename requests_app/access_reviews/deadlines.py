"""Settles access reviews whose deadline has passed, item by item, each in its own transaction."""

import logging
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from background.tasks import ErrorCollector
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError
from requests_app.access_reviews.actions import close_access_review, settle_review_item
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.queries import GRANT_HAS_ENDED
from requests_app.access_reviews.states import AccessReviewItemState, AccessReviewState

logger = logging.getLogger(__name__)


def settle_access_reviews(now: datetime) -> int:
    """End grants that nobody kept in time, then close access reviews; returns how many items were settled."""
    waiting = AccessReviewItem.objects.filter(
        state=AccessReviewItemState.OPEN, access_review__state=AccessReviewState.OPEN
    )
    due = waiting.filter(GRANT_HAS_ENDED | Q(access_review__due_at__lte=now)).order_by("pk")
    count, faults = 0, ErrorCollector()
    for pk in list(due.values_list("pk", flat=True)):
        with faults.collect(f"item {pk} of an access review"):
            count += _settle_item(pk, now)
    left = AccessReviewItem.objects.filter(access_review=OuterRef("pk"), state=AccessReviewItemState.OPEN)
    over = AccessReview.objects.filter(~Exists(left), state=AccessReviewState.OPEN, due_at__lte=now)
    for pk in list(over.values_list("pk", flat=True)):
        with faults.collect(f"the end of access review {pk}"):
            try:
                close_access_review(access_review_id=pk, now=now)
            except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
                logger.info("access review %s was not closed: %s", pk, error)
    faults.raise_first()
    return count


def _settle_item(item_id: int, now: datetime) -> bool:
    try:
        settle_review_item(item_id=item_id, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("review item %s was not settled: %s", item_id, error)
        return False
    return True
