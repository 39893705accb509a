"""System health: each scope's last complete reading, how soon a change is found, and what AWS is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from fulfilment.health.models import CallCount
from fulfilment.holds.models import Hold, Valve
from fulfilment.ledger.models import Finding
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.reading_age import PROMISED, is_too_old, longest_age
from fulfilment.observations.scope_facts import CatalogFacts
from fulfilment.rounds.models import Scope, Silence
from lakeformation.drift.differences import Kind

BIN = timedelta(minutes=10)
HOUR = timedelta(hours=1)
MOST_INCIDENTS = 50


@dataclass(frozen=True)
class ScopeState:
    """`late`: by how much its next look is overdue. `found_within`: the longest that a change stays unseen, were every
    reading like the last: the time between two looks, what the next is late by, and the reading itself; at least as
    long as the last complete reading is ago. None where nothing was read yet. `unmanaged`: permissions held outside the
    portal that nobody marked as known.
    """

    scope: Scope
    reading: ScopeReading | None
    facts: CatalogFacts | None
    late: timedelta
    found_within: timedelta | None
    findings: int
    holds: int
    is_silent: bool
    is_reading_old: bool
    unmanaged: int

    @property
    def keeps_promise(self) -> bool:
        return self.found_within is not None and self.found_within <= PROMISED


@dataclass(frozen=True)
class AccountCalls:
    """Calls of the last full hour, counted in sixths of it."""

    account_id: str
    region: str
    calls: int


def scopes(now: datetime) -> QuerySet[Scope]:
    """What could not be read first, then by catalog: its own, and what is shared of it, by account."""
    unread = Q(reading=None) | Q(reading__read_at__lt=now - longest_age()) | Q(failures__gt=0)
    rows = Scope.objects.select_related("catalog__account", "consumer", "reading")
    order = Case(When(unread, then=0), default=1)
    return rows.order_by(order, "catalog__short_name", "kind", "consumer__account_id", "pk")


def states_of(rows: list[Scope], bare: datetime, now: datetime) -> list[ScopeState]:
    """Four queries, however many. `bare` is the database's bare clock, by which scopes are due."""
    catalogs = {row.catalog_id for row in rows}
    open_findings = Finding.objects.filter(catalog__in=catalogs, gone_at__isnull=True, known_at__isnull=True)
    findings = dict(open_findings.values_list("catalog").annotate(n=Count("pk")))
    open_holds = Hold.objects.filter(scope_key__in=[row.key for row in rows], ended_at__isnull=True)
    holds = dict(open_holds.values_list("scope_key").annotate(n=Count("pk")))
    silent = set(Silence.objects.values_list("account_id", flat=True))
    known = Finding.objects.filter(
        catalog__in=catalogs, gone_at__isnull=True, known_at__isnull=False, kind=Kind.SURPLUS_FOREIGN
    )
    agreed = dict(known.values_list("catalog").annotate(n=Count("pk")))
    return [_state(row, bare, now, Counted(findings, holds, silent, agreed)) for row in rows]


@dataclass(frozen=True)
class Counted:
    """By catalog, by scope's key, by account; `agreed` are permissions held outside that somebody knows of."""

    findings: dict[int, int]
    holds: dict[str, int]
    silent: set[int]
    agreed: dict[int, int]


def _state(scope: Scope, bare: datetime, now: datetime, counted: Counted) -> ScopeState:
    reading = getattr(scope, "reading", None)
    is_catalogs = scope.kind == Scope.Kind.CATALOG
    late = max(timedelta(0), bare - scope.scan_at) if scope.scan_at else timedelta(0)
    facts = CatalogFacts.from_json(reading.facts) if reading and is_catalogs else None
    agreed = counted.agreed.get(scope.catalog_id, 0)
    return ScopeState(
        scope=scope,
        reading=reading,
        facts=facts,
        late=late,
        found_within=_found_within(reading, late, now) if reading else None,
        findings=counted.findings.get(scope.catalog_id, 0) if is_catalogs else 0,
        holds=counted.holds.get(scope.key, 0),
        is_silent=bool({scope.catalog.account_id, scope.consumer_id} & counted.silent),
        is_reading_old=is_too_old(reading.read_at if reading else None, now),
        unmanaged=max(0, facts.unmanaged - agreed) if facts else 0,
    )


def _found_within(reading: ScopeReading, late: timedelta, now: datetime) -> timedelta:
    took = timedelta(seconds=reading.seconds or 0)
    return max(timedelta(seconds=settings.SCAN_EVERY) + late + took, now - reading.read_at)


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
