"""Usage as the pages of products, tables and columns show it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.models import Table
from catalog.product_usage.costs import Cost
from catalog.product_usage.product_report import (
    JoinUse,
    ReadsCoverage,
    TeamReads,
    UnreadAccount,
    UsageExtent,
    UsageReport,
    build_reads_coverage,
    build_usage_report,
    count_column_queries,
    get_place,
    get_usage_extent,
)
from catalog.products.models import DataProduct
from catalog.usage.athena import EVERY_COLUMN
from catalog.usage.models import TrailReading, get_trail_readings
from identity.people.may import get_team_ids
from identity.people.models import Person
from portal.charts.chart import Chart, Series
from portal.usage.parameters import USUAL_DAYS, Period

WEEK = 7
MAX_DAILY_BARS = 100
"""Of a longer period, weeks are drawn."""


@dataclass(frozen=True)
class DayReads:
    """`reads` is None where nothing is known of the day."""

    day: date
    reads: int | None


@dataclass(frozen=True)
class ColumnRow:
    """`name` is empty for queries of all columns."""

    table: str
    name: str
    queries: int


@dataclass(frozen=True)
class TeamRow:
    reads: TeamReads
    cost: str
    cost_note: str


@dataclass(frozen=True)
class UsagePanel:
    """`teams` are those that the person may know of, `team_count` all of them. `sees_all_costs`: the cost is of all teams,
    else of the person's own.
    """

    report: UsageReport
    period: Period
    coverage: ReadsCoverage
    extent: UsageExtent
    chart: Chart

    @property
    def is_empty(self) -> bool:
        return not self.report.reads and self.coverage.since is None

    def list_days(self) -> list[DayReads]:
        """All days of the period."""
        days = (self.period.since + timedelta(days=number) for number in range(self.period.days))
        return [DayReads(day, count_day(self.report.reads_by_day, self.coverage, day)) for day in days]

    @property
    def sees_all_costs(self) -> bool:
        return self.extent.teams is None

    @property
    def team_count(self) -> int:
        return len(self.report.teams)

    @property
    def teams(self) -> list[TeamRow]:
        shown = (
            team for team in self.report.teams if self.extent.names_teams or self.extent.covers(team.team)
        )
        return [TeamRow(one, describe_cost(one.cost), describe_cost_note(one.cost)) for one in shown]

    @property
    def hidden_team_count(self) -> int:
        return self.team_count - len(self.teams)

    @property
    def columns(self) -> list[ColumnRow]:
        return [
            ColumnRow(column.table, "" if column.column == EVERY_COLUMN else column.column, column.queries)
            for column in self.report.columns
        ]

    @property
    def joins(self) -> tuple[JoinUse, ...]:
        return self.report.joins

    @property
    def cost(self) -> str:
        return describe_cost(self.report.cost)

    @property
    def cost_note(self) -> str:
        return describe_cost_note(self.report.cost)

    @property
    def reads_source(self) -> str:
        """Where the reads come from, and since when they are complete."""
        if self.coverage.since is None or self.coverage.until is None:
            return _("Reads: CloudTrail. Not known for all days: the log files of some catalog are not read.")
        days = {
            "since": _format_day(self.coverage.since.date()),
            "until": _format_day(self.coverage.until.date()),
        }
        return _("Reads: CloudTrail, complete from %(since)s to %(until)s.") % days

    @property
    def queries_source(self) -> str:
        if self.report.queries_since is None:
            return _(
                "Columns, joins and scans: not known, as no query history of the readers' accounts is read."
            )
        return _("Columns, joins and scans: Athena's query history, known since %(day)s.") % {
            "day": _format_day(self.report.queries_since)
        }

    @property
    def unread_note(self) -> str:
        """Which accounts do not let the portal read their history."""
        unread = self.report.unread_accounts
        named = [_describe_unread(one) for one in unread if one.name]
        hidden = len(unread) - len(named)
        words = ngettext(
            "Use is not known for %(n)s account whose query history is not read.",
            "Use is not known for %(n)s accounts whose query histories are not read.",
            hidden,
        )
        return " ".join([*named, *([words % {"n": hidden}] if hidden else [])])


def _describe_unread(account: UnreadAccount) -> str:
    refused = _("Unknown: the account %(account)s does not let us read its query history.")
    words = (
        refused
        if account.refuses
        else _("Unknown: the query history of the account %(account)s is not read.")
    )
    return words % {"account": account.name}


def build_usage_panel(
    person: Person,
    tables: Collection[Table],
    extent: UsageExtent,
    readings: Mapping[int, TrailReading],
    period: Period,
) -> UsagePanel:
    """Three queries at most. `readings` are those of the tables' catalogs."""
    report = build_usage_report(person, tables, extent, period.since)
    catalogs = {table.database.catalog_id for table in tables}
    coverage = build_reads_coverage(
        catalogs, [readings[catalog] for catalog in catalogs if catalog in readings]
    )
    chart = build_reads_chart(report.reads_by_day, coverage, period)
    return UsagePanel(report, period, coverage, extent, chart)


def build_product_usage(
    person: Person,
    product: DataProduct,
    tables: Collection[Table],
    readings: Mapping[int, TrailReading],
    now: datetime,
) -> UsagePanel:
    """Covers the usual period. Three queries at most."""
    period = Period(USUAL_DAYS, now.date())
    return build_usage_panel(person, tables, get_usage_extent(person, product), readings, period)


def build_table_usage(
    person: Person, table: Table, products: Sequence[DataProduct], now: datetime
) -> UsagePanel:
    """The widest of what the person may see of its products. Four queries at most."""
    extents = [get_usage_extent(person, product) for product in products]
    extent = max(extents, key=lambda one: one.names_teams, default=UsageExtent(False, get_team_ids(person)))
    readings = get_trail_readings({table.database.catalog_id})
    return build_usage_panel(person, [table], extent, readings, Period(USUAL_DAYS, now.date()))


def build_column_usage(table: Table, name: str, now: datetime) -> str:
    """How many queries of the usual period named the column. Without a known query of the table it is not known. One query."""
    period = Period(USUAL_DAYS, now.date())
    queries = count_column_queries(get_place(table), name.lower(), period.since)
    if queries is None:
        return _("Not known")
    text = ngettext("%(n)s in the last %(days)s days", "%(n)s in the last %(days)s days", queries)
    return text % {"n": f"{queries:,}", "days": period.days}


def build_reads_chart(reads_by_day: Mapping[date, int], coverage: ReadsCoverage, period: Period) -> Chart:
    """By day, or by week for a long period. A day without a read is nothing where all reads are known, else not known."""
    days = [period.since + timedelta(days=number) for number in range(period.days)]
    values = [count_day(reads_by_day, coverage, day) for day in days]
    size = WEEK if period.days > MAX_DAILY_BARS else 1
    starts = range(period.days % size, period.days, size)
    sums = [_sum_known(values[start : start + size]) for start in starts]
    total = sum(reads_by_day.values())
    summary = ngettext(
        "%(n)s read in the last %(days)s days, by CloudTrail.",
        "%(n)s reads in the last %(days)s days, by CloudTrail.",
        total,
    ) % {"n": f"{total:,}", "days": period.days}
    return Chart(
        key="reads",
        title=_("Reads by day") if size == 1 else _("Reads by week"),
        summary=summary,
        axis=_("Day") if size == 1 else _("Week from"),
        periods=tuple(date_format(days[start], _("j M")) for start in starts),
        series=(Series(_("Reads"), tuple(sums)),),
    )


def count_day(reads_by_day: Mapping[date, int], coverage: ReadsCoverage, day: date) -> int | None:
    return reads_by_day.get(day, 0 if coverage.covers(day) else None)


def _sum_known(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _format_day(day: date) -> str:
    return date_format(day, _("j M Y"))


def describe_cost(cost: Cost | None) -> str:
    """`12.40 USD`; what is not known is told as such, never as nothing."""
    if cost is None or not cost.is_known:
        return _("Not known")
    amounts = " + ".join(amount.text for amount in cost.amounts) or _("nothing billed")
    return _("at least %(cost)s") % {"cost": amounts} if cost.unpriced_bytes else amounts


def describe_cost_note(cost: Cost | None) -> str:
    """Why the cost is not known, or not wholly; empty if it is."""
    if cost is None or cost.queries == 0:
        return _("you can see none of its queries")
    if cost.unpriced_bytes:
        return _("no price is set for %(size)s") % {"size": filesizeformat(cost.unpriced_bytes)}
    return ""
