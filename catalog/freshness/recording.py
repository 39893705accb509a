"""Stores what was read of a table, and compares its products with their promises. Called by workers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from catalog.freshness.models import MAX_TROUBLE_LENGTH, FreshnessDay, TableFreshness
from catalog.freshness.queries import (
    ProductFreshness,
    TableState,
    build_product_freshness,
    list_product_tables,
    list_read_products,
)
from catalog.freshness.states import WORST_FIRST, ChangeTime, FreshnessState, choose_change_time
from catalog.lineage.models import LineageRun, TableEdge
from catalog.lineage.states import RunState
from catalog.lineage.writers import list_writer_jobs
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.promises.actions import record_promise_state
from catalog.promises.models import PromiseBreach, PromiseKind
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.durations import format_duration
from kernel.storable_text import replace_unstorable
from kernel.text import builds_stored_text

SOURCE_NAMES = {
    "iceberg_snapshot": "its Iceberg snapshot",
    "s3_object": "its newest S3 object",
    "lineage_run": "its last lineage run",
    "partition": "its newest partition",
    "view_inputs": "the oldest table that it reads",
}
"""For stored text, which is in English."""
KEPT_DAYS = 400


def store_table_freshness(
    table: Table, found: Iterable[ChangeTime], trouble: str, now: datetime
) -> TableFreshness:
    """The last answer of AWS and of lineage. What could not be read this time is gone: it may have changed since."""
    times = list(found)
    chosen = choose_change_time(times, now)
    row, _is_new = TableFreshness.objects.update_or_create(
        table=table,
        defaults={
            "changed_at": chosen.at if chosen else None,
            "source": chosen.source if chosen else "",
            "may_be_newer": bool(chosen and chosen.may_be_newer),
            "times": {one.source.value: one.at.isoformat() for one in times},
            "trouble": replace_unstorable(trouble, MAX_TROUBLE_LENGTH),
            "read_at": now,
        },
    )
    return row


def assess_products(table: Table, now: datetime) -> None:
    """Of each published product with the table: its promise, and its row of the day."""
    for product in list_read_products(table):
        assess_product(product, now)


@transaction.atomic
def assess_product(product: DataProduct, now: datetime) -> ProductFreshness:
    """A promise whose fact is not known is neither broken nor mended."""
    acquire_transaction_lock(AdvisoryLock.FRESHNESS, product.pk)
    freshness = build_product_freshness(product, list_product_tables(product), now)
    _record_promise(product, freshness, now)
    # The worst of the day stays, but what was not known in the morning and is known later is no longer
    # unknown.
    day, oldest = now.astimezone(UTC).date(), freshness.oldest
    age = int((now - oldest.found.at).total_seconds() // 60) if oldest and oldest.found else None
    row = FreshnessDay.objects.filter(product=product, day=day).first()
    if row is None:
        row = FreshnessDay(product=product, day=day, state=freshness.state, age_minutes=age)
    elif freshness.state != FreshnessState.NOT_KNOWN:
        known = [
            one
            for one in (FreshnessState(row.state), freshness.state)
            if one in {FreshnessState.LATE, FreshnessState.FRESH}
        ]
        row.state = next((one for one in WORST_FIRST if one in known), freshness.state)
        row.age_minutes = max(filter(None, (row.age_minutes, age)), default=age)
    row.promised_hours = freshness.promised_hours
    if row.promised_hours is None and row.state != FreshnessState.NOT_KNOWN:
        row.state = FreshnessState.NOT_PROMISED
    row.save()
    return freshness


def _record_promise(product: DataProduct, freshness: ProductFreshness, now: datetime) -> None:
    oldest = freshness.oldest
    if freshness.promised_hours is None:
        if PromiseBreach.objects.filter(product=product, kind=PromiseKind.FRESHNESS, ended_at=None).exists():
            _say(product, broken=False, promised="", fact="freshness is not promised any more", now=now)
    elif oldest is not None and freshness.state in {FreshnessState.LATE, FreshnessState.FRESH}:
        _say(
            product,
            broken=freshness.state == FreshnessState.LATE,
            promised=f"at most {_describe_span(timedelta(hours=freshness.promised_hours))} old",
            fact=_describe_fact(oldest, now),
            cause=_find_cause(oldest) if freshness.state == FreshnessState.LATE else "",
            since=oldest.found.at + timedelta(hours=freshness.promised_hours) if oldest.found else None,
            now=now,
        )


def _say(
    product: DataProduct,
    *,
    broken: bool,
    promised: str,
    fact: str,
    now: datetime,
    cause: str = "",
    since: datetime | None = None,
) -> None:
    record_promise_state(
        product=product,
        kind=PromiseKind.FRESHNESS,
        broken=broken,
        promised=promised,
        fact=fact,
        cause=cause,
        since=since,
        now=now,
    )


def _describe_fact(one: TableState, now: datetime) -> str:
    assert one.found is not None
    age, source = _describe_span(now - one.found.at), SOURCE_NAMES[one.found.source]
    return f"{one.table} is {age} old by {source}"


def _find_cause(one: TableState) -> str:
    """A failed run since the data last changed. It is named, and its error is not, which may hold data."""
    failed = find_failed_run(one.table)
    if failed is None or one.found is None or failed.at <= one.found.at:
        return ""
    return f"The last run of {failed.job} failed on {failed.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."


@builds_stored_text
def _describe_span(span: timedelta) -> str:
    return format_duration(max(span, timedelta()))


def delete_old_days(now: datetime) -> None:
    FreshnessDay.objects.filter(day__lt=(now - timedelta(days=KEPT_DAYS)).date()).delete()


# What lineage says of a table's data: the last run that wrote it, and whether a later one failed. Only what
# the table's own domain reports counts.
@dataclass(frozen=True)
class FailedRun:
    job: str
    at: datetime


def find_last_write(table: Table) -> datetime | None:
    """When the last run ended that wrote the table. One query."""
    rows = LineageRun.objects.filter(job__in=list_writer_jobs(table), state=RunState.COMPLETE)
    return rows.order_by("-state_at").values_list("state_at", flat=True).first()


def find_failed_run(table: Table) -> FailedRun | None:
    """The newest run of a job that writes the table, if it failed. One query."""
    rows = LineageRun.objects.filter(
        job__in=list_writer_jobs(table), state__in=(RunState.FAIL, RunState.COMPLETE)
    )
    newest = rows.select_related("job").order_by("-state_at").first()
    if newest is None or newest.state != RunState.FAIL:
        return None
    return FailedRun(newest.job.name, newest.state_at)


def list_view_inputs(view: Table) -> list[int]:
    """Ids of the tables that a view reads, as far as lineage matched them."""
    edges = TableEdge.objects.filter(job__view=view, source__table__isnull=False)
    return list(edges.order_by("source__table").values_list("source__table", flat=True).distinct())
