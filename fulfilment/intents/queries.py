"""Intents in force: what was agreed to, has not ended or run out, and is not stale."""

from django.db.models import Q, QuerySet

from audit import clock
from fulfilment.intents.models import Intent
from fulfilment.query_cache import Readings
from lakeformation.access.access import Access


def in_force() -> QuerySet[Intent]:
    """By the clock as it is now, in no order."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    return Intent.objects.filter(live, ended_at__isnull=True).exclude(presence=Intent.Presence.STALE)


def agreed_to(*, principal_arn: str, owner: str, region: str) -> QuerySet[Intent]:
    """For one principal on the data of one owner in one region, oldest first. `owner` is the catalog's account id."""
    mine = in_force().filter(wanted__principal_arn=principal_arn, wanted__owner=owner, wanted__region=region)
    return mine.order_by("pk")


def agreed_in(
    database: str, *, principal_arn: str, owner: str, region: str, readings: Readings
) -> list[Access]:
    """What they want for the principal in one database, and by LF-Tags wherever. Two queries for a database."""

    def read() -> list[Access]:
        here = Q(wanted__database=database) | Q(wanted__has_key="by_tags")
        mine = agreed_to(principal_arn=principal_arn, owner=owner, region=region).filter(here)
        return [intent.access for intent in mine.defer("effects")]

    return readings.once(("agreed", principal_arn, owner, region, database), read)
