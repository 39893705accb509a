"""Intents in force: what was agreed to, has not ended, and has not run out."""

from django.db.models import Q, QuerySet

from audit import clock
from fulfilment.models import Intent


def in_force() -> QuerySet[Intent]:
    """By the clock as it is now, in no order."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    return Intent.objects.filter(live, ended_at__isnull=True)


def agreed_to(*, principal_arn: str, owner: str, region: str) -> QuerySet[Intent]:
    """For one principal on the data of one owner in one region, oldest first. `owner` is the catalog's account id."""
    mine = in_force().filter(wanted__principal_arn=principal_arn, wanted__owner=owner, wanted__region=region)
    return mine.order_by("pk")
