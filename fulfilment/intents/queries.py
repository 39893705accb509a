"""Queries for live intents: not ended, not expired, not stale."""

from django.db.models import F, Q, QuerySet

from fulfilment.intents.models import Intent
from kernel import clock
from kernel.query_cache import QueryCache
from lakeformation.access.access import Access, list_kinds_of_any_database

ACCESS_FIELDS = ("wanted", "opened", "moved_to", "moved_at", "proven_generation", "recreated_as")
"""Fields that `Intent.access` reads."""


def build_stale_filter(path: str = "") -> Q:
    """Intents that are stale, as `Intent.is_stale`. `path` leads to them, with its last underscores."""
    is_proven = Q(**{f"{path}proven_generation": F(f"{path}generation")})
    return Q(**{f"{path}presence": Intent.Presence.STALE}) & is_proven


def list_live_intents() -> QuerySet[Intent]:
    """Live by the clock; unordered."""
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.Now())
    return Intent.objects.filter(live, ended_at__isnull=True).exclude(build_stale_filter())


def list_live_intents_of_principal(*, principal_arn: str, owner: str, region: str) -> QuerySet[Intent]:
    """For one principal, on one owner's data in a region, oldest first. `owner` is the catalog's account id."""
    mine = list_live_intents().filter(
        wanted__principal_arn=principal_arn, wanted__owner=owner, wanted__region=region
    )
    return mine.order_by("pk")


def list_live_accesses_in_database(
    database: str, *, principal_arn: str, owner: str, region: str, cache: QueryCache
) -> list[Access]:
    """Live accesses of the principal in one database, and those by LF-Tags. Two queries for each database."""

    def read() -> list[Access]:
        here = Q(wanted__database=database) | Q(wanted__kind__in=list_kinds_of_any_database())
        mine = list_live_intents_of_principal(principal_arn=principal_arn, owner=owner, region=region).filter(
            here
        )
        return [intent.access for intent in mine.only(*ACCESS_FIELDS)]

    return cache.get_or_read(("agreed", principal_arn, owner, region, database), read)
