"""System health: each scope's last complete reading, how soon a change is found, and what AWS is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.utils.translation import gettext_lazy as _

from fulfilment.holds import Hold, Valve
from fulfilment.intents.models import Intent
from fulfilment.observations.models import DETECTION_TARGET, ScopeReading, is_reading_too_old, max_reading_age
from fulfilment.observations.storage import CatalogFacts
from fulfilment.permissions.models import DriftFinding
from fulfilment.rounds import AccountOutage, Scope
from lakeformation.drift import DifferenceKind


class CallCount(models.Model):
    """Calls of one API in an account, in the ten minutes that begin `at`. A worker that is killed takes its last
    few seconds of counting with it.
    """

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    operation = models.CharField(max_length=80)
    at = models.DateTimeField()
    calls = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["at", "account_id", "region", "operation"], name="calls_once")
        ]

    def __str__(self) -> str:
        return f"{self.calls} × {self.operation} in {self.account_id}"


class CallTotal(models.Model):
    """Calls of one API in an account since the beginning, by what came of them. It only grows."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", _("succeeded")
        THROTTLED = "throttled", _("throttled")
        CONFLICT = "conflict", _("refused: something else changes it")
        SESSION_ENDED = "ended", _("refused: the session has ended")
        DENIED = "denied", _("denied")
        ABSENT = "absent", _("the object does not exist")
        INVALID = "invalid", _("refused as invalid")
        UNKNOWN = "unknown", _("an error of the server")
        UNANSWERED = "unanswered", _("no response")

    account_id = models.CharField(max_length=12)
    operation = models.CharField(max_length=80)
    outcome = models.CharField(max_length=12, choices=Outcome)
    calls = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "operation", "outcome"], name="call_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.calls} × {self.operation} in {self.account_id}: {self.outcome}"


class RoundTotal(models.Model):
    """Rounds of one kind of scope since the beginning, by what came of them. It only grows."""

    class Outcome(models.TextChoices):
        CONVERGED = "converged", _("nothing to do, all proven")
        SENT = "sent", _("sent its plan")
        WAITING = "waiting", _("waits")
        FAILED = "failed", _("failed")
        FENCED = "fenced", _("lost its lease")

    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=12, choices=Outcome)
    rounds = models.BigIntegerField()
    seconds = models.FloatField(help_text="How long they took together.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "outcome"], name="round_total_once")]

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.kind} scopes: {self.outcome}"


COUNT_PERIOD = timedelta(minutes=10)
HOUR = timedelta(hours=1)
MAX_INCIDENTS = 50


@dataclass(frozen=True)
class ScopeState:
    """`overdue_by`: how long the next round is overdue. `detection_time`: longest time until a change is found, if
    each reading takes as long as the last: scan interval, overdue time and duration of a reading; at least the
    age of the last complete reading. None before the first reading. `unmanaged_count`: permissions held outside the
    portal that are not acknowledged. `needs_reading` is false of a share for which no permission is wanted or left.
    """

    scope: Scope
    reading: ScopeReading | None
    facts: CatalogFacts | None
    overdue_by: timedelta
    detection_time: timedelta | None
    finding_count: int
    hold_count: int
    is_unreachable: bool
    is_reading_old: bool
    unmanaged_count: int
    needs_reading: bool = True

    @property
    def meets_detection_target(self) -> bool:
        return self.detection_time is not None and self.detection_time <= DETECTION_TARGET


@dataclass(frozen=True)
class AccountCalls:
    """Calls of the last full hour, in periods of ten minutes."""

    account_id: str
    region: str
    calls: int


def list_scopes(now: datetime) -> QuerySet[Scope]:
    """Scopes that could not be read first; then by catalog, its own scope before those of consumer accounts."""
    unread = Q(reading=None) | Q(reading__read_at__lt=now - max_reading_age()) | Q(failures__gt=0)
    rows = Scope.objects.select_related("catalog__account", "consumer", "reading")
    order = Case(When(unread, then=0), default=1)
    return rows.order_by(order, "catalog__short_name", "kind", "consumer__account_id", "pk")


def build_scope_states(rows: list[Scope], wall_clock: datetime, now: datetime) -> list[ScopeState]:
    """Five queries. `wall_clock` is the database's clock without the test offset, by which scopes are due."""
    catalogs = {row.catalog_id for row in rows}
    open_findings = DriftFinding.objects.filter(
        catalog__in=catalogs, gone_at__isnull=True, known_at__isnull=True
    )
    findings = dict(open_findings.values_list("catalog").annotate(n=Count("pk")))
    open_holds = Hold.objects.filter(scope_key__in=[row.key for row in rows], ended_at__isnull=True)
    holds = dict(open_holds.values_list("scope_key").annotate(n=Count("pk")))
    silent = set(AccountOutage.objects.values_list("account_id", flat=True))
    drift_findings = DriftFinding.objects.filter(
        catalog__in=catalogs,
        gone_at__isnull=True,
        known_at__isnull=False,
        kind=DifferenceKind.SURPLUS_FOREIGN,
    )
    agreed = dict(drift_findings.values_list("catalog").annotate(n=Count("pk")))
    open_intents = Intent.objects.filter(scope_key__in=[row.key for row in rows]).exclude(
        presence=Intent.Presence.ABSENT, proven_generation=F("generation")
    )
    shared = set(open_intents.values_list("scope_key", flat=True).distinct())
    counts = ScopeCounts(findings, holds, silent, agreed, shared)
    return [_build_scope_state(row, wall_clock, now, counts) for row in rows]


@dataclass(frozen=True)
class ScopeCounts:
    """Counts by catalog, scope key and account; `acknowledged` are unmanaged permissions that were marked as known, `shared` the keys
    of scopes with intents that are not proven absent.
    """

    findings: dict[int, int]
    holds: dict[str, int]
    unreachable: set[int]
    acknowledged: dict[int, int]
    shared: set[str]


def _build_scope_state(scope: Scope, bare: datetime, now: datetime, counted: ScopeCounts) -> ScopeState:
    reading = getattr(scope, "reading", None)
    is_catalogs = scope.kind == Scope.Kind.CATALOG
    late = max(timedelta(0), bare - scope.scan_at) if scope.scan_at else timedelta(0)
    facts = CatalogFacts.from_json(reading.facts) if reading and is_catalogs else None
    agreed = counted.acknowledged.get(scope.catalog_id, 0)
    needs_reading = is_catalogs or scope.key in counted.shared
    return ScopeState(
        scope=scope,
        reading=reading,
        facts=facts,
        overdue_by=late,
        detection_time=_compute_detection_time(reading, late, now) if reading else None,
        finding_count=counted.findings.get(scope.catalog_id, 0) if is_catalogs else 0,
        hold_count=counted.holds.get(scope.key, 0),
        is_unreachable=bool({scope.catalog.account_id, scope.consumer_id} & counted.unreachable),
        is_reading_old=needs_reading and is_reading_too_old(reading.read_at if reading else None, now),
        unmanaged_count=max(0, facts.unmanaged_count - agreed) if facts else 0,
        needs_reading=needs_reading,
    )


def _compute_detection_time(reading: ScopeReading, late: timedelta, now: datetime) -> timedelta:
    took = timedelta(seconds=reading.seconds or 0)
    return max(timedelta(seconds=settings.SCAN_EVERY) + late + took, now - reading.read_at)


def count_calls_in_last_hour(now: datetime) -> list[AccountCalls]:
    """By account and region, most calls first. The current ten minutes are left out."""
    current = datetime.fromtimestamp(
        now.timestamp() // COUNT_PERIOD.seconds * COUNT_PERIOD.seconds, tz=now.tzinfo
    )
    rows = CallCount.objects.filter(at__gte=current - HOUR, at__lt=current)
    found = rows.values_list("account_id", "region").annotate(n=Sum("calls")).order_by("-n", "account_id")
    return [AccountCalls(*row) for row in found]


def list_incidents() -> QuerySet[DriftFinding]:
    """Open findings about unjustified intents, acknowledged or not, oldest first."""
    rows = DriftFinding.objects.filter(kind=DifferenceKind.UNJUSTIFIED, gone_at__isnull=True).select_related(
        "catalog"
    )
    return rows.order_by("pk")[:MAX_INCIDENTS]


def list_valves() -> QuerySet[Valve]:
    """The valve for every account first."""
    return Valve.objects.select_related("account").order_by(F("account").asc(nulls_first=True))


def read_wall_clock() -> datetime:
    """The database's clock without the test offset, by which scopes are due and calls are counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment
