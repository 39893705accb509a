"""Freshness as pages show it: an age beside its promise and its source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.freshness import (
    FreshnessDay,
    FreshnessSource,
    FreshnessState,
    ProductFreshness,
    TableState,
    build_product_freshness,
    build_table_state,
    choose_worst,
    find_table_freshness,
    list_freshness_days,
)
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.results import Hit
from kernel.durations import format_duration
from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.scale import ChartUnit
from requests_app.display_states.vocabulary import CheckMark

SHOWN_DAYS = 30
MARKS = {
    FreshnessState.FRESH: CheckMark.YES,
    FreshnessState.LATE: CheckMark.FAILED,
    FreshnessState.NOT_KNOWN: CheckMark.NOT_KNOWN,
}


@dataclass(frozen=True)
class FreshnessRow:
    """`age` and `source` are empty if nothing is known. `trouble` is what AWS refused, for those who may mend it."""

    table: Table
    state: FreshnessState
    age: str
    at: datetime | None
    source: str
    note: str
    trouble: str

    @property
    def mark(self) -> CheckMark | None:
        return MARKS.get(self.state)

    @property
    def state_label(self) -> str:
        return str(self.state.label)


@dataclass(frozen=True)
class FreshnessView:
    """`chart` is None before the first day."""

    rows: tuple[FreshnessRow, ...]
    promise: str
    chart: Chart | None
    read_at: datetime | None


def build_freshness_view(
    product: DataProduct, freshness: ProductFreshness, now: datetime, *, shows_trouble: bool
) -> FreshnessView:
    """One query."""
    since = (now - timedelta(days=SHOWN_DAYS - 1)).astimezone(UTC).date()
    days = list_freshness_days(product, since)
    read = [table.row.read_at for table in freshness.tables if table.row]
    return FreshnessView(
        rows=tuple(
            build_freshness_row(table, now, shows_trouble=shows_trouble) for table in freshness.tables
        ),
        promise=describe_promise(freshness.promised_hours),
        chart=_build_chart(days, now) if days else None,
        read_at=min(read) if read else None,
    )


def build_product_context(
    product: DataProduct, tables: Sequence[Table], now: datetime, *, shows_trouble: bool
) -> dict[str, Any]:
    """`freshness` and what it is made of. Two queries."""
    product_freshness = build_product_freshness(product, tables, now)
    return {
        "product_freshness": product_freshness,
        "freshness": build_freshness_view(product, product_freshness, now, shows_trouble=shows_trouble),
    }


def build_table_rows(
    table: Table, products: Sequence[DataProduct], now: datetime
) -> tuple[list[tuple[DataProduct, FreshnessRow]], FreshnessRow]:
    """The table by the promise of each product that the person sees, and by itself. One query."""
    row = find_table_freshness([table.pk]).get(table.pk)
    states = [(product, build_table_state(table, row, product.freshness_hours, now)) for product in products]
    rows = [
        (product, build_freshness_row(state, now)) for product, state in states if product.freshness_hours
    ]
    return rows, build_freshness_row(build_table_state(table, row, None, now), now)


def build_freshness_row(one: TableState, now: datetime, *, shows_trouble: bool = False) -> FreshnessRow:
    found = one.found
    if one.row is None:
        note = _("not read yet")
    elif one.found is None:
        note = _("no source says when its data changed")
    elif one.found.source == FreshnessSource.GLUE_UPDATE:
        note = _("Glue's time also changes with the definition")
    else:
        note = _("its data may be newer") if one.state == FreshnessState.NOT_KNOWN else ""
    return FreshnessRow(
        table=one.table,
        state=one.state,
        age=describe_age(found.at, now) if found else "",
        at=found.at if found else None,
        source=describe_source(found.source) if found else "",
        note=note,
        trouble=one.row.trouble if one.row and shows_trouble else "",
    )


@dataclass(frozen=True)
class HitFreshness:
    """The age of what a search found, as the page of the product or table says it. Without a promise it has no mark."""

    age: str
    mark: CheckMark | None


def find_hit_freshness(hits: Iterable[Hit], now: datetime) -> dict[Hit, HitFreshness]:
    """Without those of which nothing is known. One query."""
    hits = list(hits)
    rows = find_table_freshness({pk for hit in hits for pk in hit.table_ids})
    result = {}
    for hit in hits:
        states = tuple(
            build_table_state(Table(pk=pk), rows.get(pk), hit.freshness_hours, now) for pk in hit.table_ids
        )
        state = choose_worst([table.state for table in states])
        oldest = ProductFreshness(state, hit.freshness_hours, states).oldest
        if oldest and oldest.found:
            result[hit] = HitFreshness(describe_age(oldest.found.at, now), MARKS.get(state))
    return result


def describe_source(source: FreshnessSource) -> str:
    return {
        FreshnessSource.ICEBERG_SNAPSHOT: _("by its Iceberg snapshot"),
        FreshnessSource.S3_OBJECT: _("by its newest S3 object"),
        FreshnessSource.LINEAGE_RUN: _("by its last lineage run"),
        FreshnessSource.PARTITION: _("by its newest partition"),
        FreshnessSource.VIEW_INPUTS: _("by the oldest table that it reads"),
        FreshnessSource.GLUE_UPDATE: _("by Glue's update time"),
    }[source]


def describe_age(at: datetime, now: datetime) -> str:
    return _("%(age)s old") % {"age": format_duration(max(now - at, timedelta()))}


def describe_promise(hours: int | None) -> str:
    """As people read it; empty if nothing is promised."""
    if hours is None:
        return ""
    return _("at most %(age)s old") % {"age": format_duration(timedelta(hours=hours))}


def _build_chart(days: Sequence[FreshnessDay], now: datetime) -> Chart:
    """The greatest age of each day. A day without a row is not known."""
    by_day = {day.day: day for day in days}
    today = now.astimezone(UTC).date()
    shown = [today - timedelta(days=back) for back in reversed(range(SHOWN_DAYS))]
    rows = [by_day.get(day) for day in shown]
    kept = _list_ages(rows, (FreshnessState.FRESH, FreshnessState.NOT_PROMISED))
    series = (
        Series(_("as promised"), kept, ChartTone.GOOD),
        Series(_("older than promised"), _list_ages(rows, (FreshnessState.LATE,)), ChartTone.BAD),
    )
    return Chart(
        key="freshness-days",
        title=_("Greatest age on each of the last 30 days"),
        summary=_summarise(rows),
        axis=_("Day"),
        periods=tuple(date_format(day, _("j M")) for day in shown),
        series=series,
        unit=ChartUnit.DURATION,
    )


def _list_ages(
    rows: Sequence[FreshnessDay | None], states: Sequence[FreshnessState]
) -> tuple[float | None, ...]:
    return tuple(
        row.age_minutes * 60.0 if row and row.state in states and row.age_minutes is not None else None
        for row in rows
    )


def _summarise(rows: Sequence[FreshnessDay | None]) -> str:
    late = sum(row is not None and row.state == FreshnessState.LATE for row in rows)
    known = late + sum(row is not None and row.state == FreshnessState.FRESH for row in rows)
    if not known:
        return _("Nothing was promised or known on these days.")
    words = {"n": late, "known": known}
    return (
        ngettext(
            "Older than promised on %(n)d of %(known)d known days.",
            "Older than promised on %(n)d of %(known)d known days.",
            late,
        )
        % words
    )
