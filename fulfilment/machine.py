"""The state of the machine: each scope's last complete reading, how soon a change is found, and what AWS is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, QuerySet, Sum

from fulfilment.models import CallCount, Finding, Hold, Scope, ScopeReading, Silence, Valve
from fulfilment.scope_readings import CatalogFacts
from lakeformation.differences import Kind

PROMISED = timedelta(minutes=15)
"""Within which a change behind the portal is found in production."""
BIN = timedelta(minutes=10)
HOUR = timedelta(hours=1)
MOST_INCIDENTS = 50


@dataclass(frozen=True)
class ScopeState:
    """`late`: by how much its next look is overdue. `found_within`: the longest that a change stays unseen, were every
    reading like the last: the time between two looks, what the next is late by, and the reading itself. Both are
    None where nothing was read yet.
    """

    scope: Scope
    reading: ScopeReading | None
    facts: CatalogFacts | None
    late: timedelta
    found_within: timedelta | None
    findings: int
    holds: int
    is_silent: bool

    @property
    def keeps_promise(self) -> bool:
        return self.found_within is not None and self.found_within <= PROMISED


@dataclass(frozen=True)
class AccountCalls:
    """Calls of the last full hour, counted in sixths of it."""

    account_id: str
    region: str
    calls: int


def scopes() -> QuerySet[Scope]:
    """Catalogs' own first, then what is shared of them, by account."""
    rows = Scope.objects.select_related("catalog__account", "consumer", "reading")
    return rows.order_by("catalog__short_name", "kind", "consumer__account_id", "pk")


def states_of(rows: list[Scope], now: datetime) -> list[ScopeState]:
    """Three queries, however many."""
    catalogs = {row.catalog_id for row in rows}
    open_findings = Finding.objects.filter(catalog__in=catalogs, gone_at__isnull=True, known_at__isnull=True)
    findings = dict(open_findings.values_list("catalog").annotate(n=Count("pk")))
    open_holds = Hold.objects.filter(scope_key__in=[row.key for row in rows], ended_at__isnull=True)
    holds = dict(open_holds.values_list("scope_key").annotate(n=Count("pk")))
    silent = set(Silence.objects.values_list("account_id", flat=True))
    return [_state(row, now, findings, holds, silent) for row in rows]


def _state(
    scope: Scope, now: datetime, findings: dict[int, int], holds: dict[str, int], silent: set[int]
) -> ScopeState:
    reading = getattr(scope, "reading", None)
    is_catalogs = scope.kind == Scope.Kind.CATALOG
    late = max(timedelta(0), now - scope.scan_at) if scope.scan_at else timedelta(0)
    within = None
    if reading is not None:
        took = timedelta(seconds=reading.seconds or 0)
        within = timedelta(seconds=settings.SCAN_EVERY) + late + took
    return ScopeState(
        scope=scope,
        reading=reading,
        facts=CatalogFacts.from_json(reading.facts) if reading and is_catalogs else None,
        late=late,
        found_within=within,
        findings=findings.get(scope.catalog_id, 0) if is_catalogs else 0,
        holds=holds.get(scope.key, 0),
        is_silent=bool({scope.catalog.account_id, scope.consumer_id} & silent),
    )


def calls_in_last_hour(now: datetime) -> list[AccountCalls]:
    """By account and region, the most first. The ten minutes that run are left out: they are not over."""
    current = datetime.fromtimestamp(now.timestamp() // BIN.seconds * BIN.seconds, tz=now.tzinfo)
    rows = CallCount.objects.filter(at__gte=current - HOUR, at__lt=current)
    found = rows.values_list("account_id", "region").annotate(n=Sum("calls")).order_by("-n", "account_id")
    return [AccountCalls(*row) for row in found]


def incidents() -> QuerySet[Finding]:
    """Intents that no decision justifies, whether somebody knows of them or not; the oldest first."""
    rows = Finding.objects.filter(kind=Kind.UNJUSTIFIED, gone_at__isnull=True).select_related("catalog")
    return rows.order_by("pk")[:MOST_INCIDENTS]


def valves() -> QuerySet[Valve]:
    """Everything's first."""
    return Valve.objects.select_related("account").order_by(F("account").asc(nulls_first=True))


def bare_now() -> datetime:
    """The database's bare clock, by which scopes are due and calls are counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment
