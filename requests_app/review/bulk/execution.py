"""Carries out bulk decisions that are due, each item in its own transaction."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from background.tasks import ErrorCollector
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision
from requests_app.errors import EffectsChangedError, PolicyChangedError
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.bulk.models import BulkDecision, BulkDecisionItem

logger = logging.getLogger(__name__)
CLAIM_DURATION = timedelta(minutes=2)
"""After which another process goes on with what one has left: a decision on each item happens once in any case."""


def execute_due(now: datetime) -> int:
    """Carry out what is due and not undone; how many decisions on several that were."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    due = BulkDecision.objects.filter(free, due_at__lte=now, done_at=None, undone_at=None)
    count, faults = 0, ErrorCollector()
    for pk in due.order_by("due_at").values_list("pk", flat=True):
        # The update is the claim: of two that take it at once, one finds it taken.
        if due.filter(pk=pk).update(leased_until=now + CLAIM_DURATION):
            with faults.collect(f"bulk decision {pk}"):
                _execute(BulkDecision.objects.select_related("person").get(pk=pk), now)
                count += 1
    faults.raise_first()
    return count


def _execute(bulk_decision: BulkDecision, now: datetime) -> None:
    for line in bulk_decision.lines.filter(outcome=BulkDecisionItem.Outcome.WAITING):
        line.message = _decide_item(bulk_decision, line, now)
        line.outcome = BulkDecisionItem.Outcome.KEPT if line.message else BulkDecisionItem.Outcome.DONE
        line.save(update_fields=["outcome", "message"])
    BulkDecision.objects.filter(pk=bulk_decision.pk).update(done_at=now)
    logger.info("bulk decision %s was carried out", bulk_decision.pk)


def _decide_item(bulk_decision: BulkDecision, decision_item: BulkDecisionItem, now: datetime) -> str:
    """Why the item was left as it is; nothing when it was decided on."""
    common: dict[str, Any] = {
        "acting_user": bulk_decision.person,
        "item_id": decision_item.item_id,
        "comment": bulk_decision.comment,
        "now": now,
    }
    try:
        if bulk_decision.answer == BulkDecision.Answer.APPROVE:
            approve_item(
                **common, effects_hash=decision_item.effects_hash, policy_hash=decision_item.rules_hash
            )
        else:
            reject_item(**common, terms_hash=decision_item.terms_digest)
    except (EffectsChangedError, PolicyChangedError, RefusedError) as error:
        return str(error)
    except IllegalTransitionError:
        return (
            ""
            if _is_decided_by_bulk(bulk_decision, decision_item)
            else _("It was decided or withdrawn in the meantime.")
        )
    except (ForbiddenError, NotFoundError):
        return _("You can no longer decide on it.")
    return ""


def _is_decided_by_bulk(bulk_decision: BulkDecision, decision_item: BulkDecisionItem) -> bool:
    """Whether a process that ended before it could say so has decided on it."""
    return Decision.objects.filter(
        item=decision_item.item_id,
        decided_by=bulk_decision.person,
        answer=bulk_decision.answer,
        decided_at__gte=bulk_decision.due_at,
    ).exists()
