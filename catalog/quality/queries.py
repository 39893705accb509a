"""Scores, trends, results and anomalies of tables that the caller has checked the person may see."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES, visible_tables
from catalog.quality.models import (
    DayCount,
    MeasureKind,
    QualityAnomaly,
    QualityMeasure,
    QualityReading,
    QualityResult,
    QualityRuleset,
    Score,
    add_scores,
    build_trend,
)
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person
from kernel.errors import NotFoundError
from kernel.verdicts import ALLOWED, Verdict, refusal

MAX_RULESETS = 200
"""Rulesets of the tables of one page."""


def list_rulesets(tables: Collection[int], limit: int = MAX_RULESETS) -> list[QualityRuleset]:
    """With their latest results, by table and name. One query."""
    rows = QualityRuleset.objects.filter(table__in=tables, latest__isnull=False)
    return list(rows.select_related("latest", "team").order_by("table", "source", "name", "pk")[:limit])


def find_scores(tables: Collection[int]) -> dict[int, Score]:
    """By table; those without a result are left out. One query."""
    rows = QualityRuleset.objects.filter(table__in=tables, latest__isnull=False)
    found: dict[int, list[tuple[int, int]]] = {}
    for table, passed, evaluated in rows.values_list("table", "latest__passed", "latest__evaluated"):
        if table is not None:
            found.setdefault(table, []).append((passed, evaluated))
    return {table: score for table, counts in found.items() if (score := add_scores(counts))}


def read_trend(tables: Collection[int], days: int, now: datetime) -> list[tuple[date, Score | None]]:
    """The score at the end of each of the last days, today last. One query."""
    today = timezone.localdate(now)
    rows = (
        QualityResult.objects.filter(
            ruleset__table__in=tables, evaluated_at__gt=now - timedelta(days=2 * days), evaluated_at__lte=now
        )
        .annotate(day=TruncDate("evaluated_at"))
        .order_by("ruleset", "day", "-evaluated_at", "-pk")
        .distinct("ruleset", "day")
    )
    counts = [DayCount(*one) for one in rows.values_list("ruleset", "day", "passed", "evaluated")]
    return build_trend(counts, today - timedelta(days=days - 1), today)


def list_open_anomalies(tables: Collection[int]) -> QuerySet[QualityAnomaly]:
    """The newest first."""
    rows = QualityAnomaly.objects.filter(table__in=tables, ended_at=None).select_related("table__database")
    return rows.order_by("-started_at", "-pk")


def list_anomalies(table: Table) -> QuerySet[QualityAnomaly]:
    """Ended ones, too; the newest first."""
    return QualityAnomaly.objects.filter(table=table).order_by("-started_at", "-pk")


def list_results(tables: Collection[int]) -> QuerySet[QualityResult]:
    """The newest first."""
    rows = QualityResult.objects.filter(ruleset__table__in=tables)
    return rows.select_related("ruleset__table__database", "sent_by").order_by("-evaluated_at", "-pk")


def get_result(person: Person, pk: int) -> QualityResult:
    """NotFoundError for whoever may not see its table."""
    rows = QualityResult.objects.filter(pk=pk, ruleset__table__in=visible_tables(person))
    related = ("ruleset__table__database__catalog__account", "ruleset__team", "sent_by")
    row = rows.select_related(*related).first()
    if row is None:
        raise NotFoundError
    return row


def get_ruleset(person: Person, pk: int) -> QualityRuleset:
    """NotFoundError for whoever may not see its table."""
    rows = QualityRuleset.objects.filter(pk=pk, table__in=visible_tables(person))
    row = rows.select_related("table__database__catalog__account", "latest", "team").first()
    if row is None:
        raise NotFoundError
    return row


def list_measures(table: Table, column: str, kind: MeasureKind, limit: int) -> Sequence[QualityMeasure]:
    """The last ones, oldest first."""
    rows = QualityMeasure.objects.filter(table=table, column=column, kind=kind)
    return list(rows.order_by("-measured_at")[:limit])[::-1]


def find_reading_troubles(catalogs: Collection[int]) -> dict[int, str]:
    """Why the last reading of Glue's results failed, by catalog; without those that went well. One query."""
    rows = QualityReading.objects.filter(catalog__in=catalogs).exclude(trouble="")
    return dict(rows.values_list("catalog", "trouble"))


def list_team_tables(teams: Collection[int]) -> QuerySet[Table]:
    """Live tables of the teams: of their domains' databases, and of their domains' products."""
    own = Q(database__domain__owner_team__in=teams) | Q(products__domain__owner_team__in=teams)
    return Table.objects.filter(
        pk__in=Table.objects.filter(own, tombstoned_at=None, database__tombstoned_at=None).values("pk")
    )


def may_send_quality_results(person: Person) -> Verdict:
    """Data owners and developers, of tables of their teams. The services of a team may, too, with a token."""
    if person.is_active and get_team_ids_with_role(person, *EDITOR_ROLES):
        return ALLOWED
    return refusal(_("Only data owners and developers can send quality results, for tables of their teams."))


def sees_rule_messages(person: Person, table: Table) -> bool:
    """Messages may hold data: they are for data owners and developers of the table, and for whoever reads the whole mesh."""
    if can_read_everything(person):
        return True
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return bool(teams) and list_team_tables(teams).filter(pk=table.pk).exists()
