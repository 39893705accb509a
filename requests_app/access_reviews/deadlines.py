"""Settles campaigns whose time is over, line by line, each in its own transaction."""

import logging
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from fulfilment.background.parts import Faults
from identity.errors import ForbiddenError, NotFoundError
from requests_app.access_reviews.actions import close_campaign, settle_line
from requests_app.access_reviews.models import Campaign, CampaignLine
from requests_app.access_reviews.queries import GRANT_HAS_ENDED
from requests_app.access_reviews.states import CampaignState, LineState
from requests_app.state_transitions import IllegalTransitionError

logger = logging.getLogger(__name__)


def settle_campaigns(now: datetime) -> int:
    """End what nobody kept by its time, close what has ended otherwise, then the campaigns; how many lines."""
    waiting = CampaignLine.objects.filter(state=LineState.OPEN, campaign__state=CampaignState.OPEN)
    due = waiting.filter(GRANT_HAS_ENDED | Q(campaign__due_at__lte=now)).order_by("pk")
    count, faults = 0, Faults()
    for pk in list(due.values_list("pk", flat=True)):
        with faults.caught(f"line {pk} of a campaign"):
            count += _settle_line(pk, now)
    left = CampaignLine.objects.filter(campaign=OuterRef("pk"), state=LineState.OPEN)
    over = Campaign.objects.filter(~Exists(left), state=CampaignState.OPEN, due_at__lte=now)
    for pk in list(over.values_list("pk", flat=True)):
        with faults.caught(f"the end of campaign {pk}"):
            _close_campaign(pk, now)
    faults.raise_first()
    return count


def _settle_line(line_id: int, now: datetime) -> bool:
    try:
        settle_line(line_id=line_id, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("line %s was left: %s", line_id, error)
        return False
    return True


def _close_campaign(campaign_id: int, now: datetime) -> None:
    try:
        close_campaign(campaign_id=campaign_id, now=now)
    except (IllegalTransitionError, ForbiddenError, NotFoundError) as error:
        logger.info("campaign %s was left: %s", campaign_id, error)
