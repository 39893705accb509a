"""When the data of tables last changed, and whether products are as fresh as they promise."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.db.models.expressions import CombinedExpression
from django.utils.translation import gettext_lazy as _

from catalog.lineage.models import LineageRun, RunState, TableEdge
from catalog.lineage.queries import list_writer_jobs
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductLifecycle, ProductTable
from catalog.promises import PromiseBreach, PromiseKind, record_promise_state
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.durations import format_duration
from kernel.storable_text import replace_unstorable
from kernel.text import builds_stored_text
from lakeformation.values.messages import gettext_noop, message

HOURS_OF_DAY = 24


class FreshnessSource(TextChoices):
    """The best first, of those that say the same time."""

    ICEBERG_SNAPSHOT = "iceberg_snapshot", _("Iceberg snapshot")
    S3_OBJECT = "s3_object", _("newest S3 object")
    LINEAGE_RUN = "lineage_run", _("last lineage run")
    PARTITION = "partition", _("newest partition")
    VIEW_INPUTS = "view_inputs", _("oldest table of the view")
    GLUE_UPDATE = "glue_update", _("update time in Glue")


class FreshnessState(TextChoices):
    """`not_promised`: the age is known, and nothing is promised."""

    FRESH = "fresh", _("fresh")
    LATE = "late", _("late")
    NOT_KNOWN = "not_known", _("not known")
    NOT_PROMISED = "not_promised", _("nothing promised")


WORST_FIRST = (
    FreshnessState.LATE,
    FreshnessState.NOT_KNOWN,
    FreshnessState.NOT_PROMISED,
    FreshnessState.FRESH,
)


@dataclass(frozen=True)
class ChangeTime:
    """`may_be_newer`: not everything was looked at, so the data may have changed later."""

    source: FreshnessSource
    at: datetime
    may_be_newer: bool = False


def choose_change_time(found: Iterable[ChangeTime], now: datetime) -> ChangeTime | None:
    """The newest. A partition counts only without objects, as it may be registered empty; Glue's update time only without any other,
    as it changes with the definition. None lies in the future.
    """
    times = [ChangeTime(time.source, min(time.at, now), time.may_be_newer) for time in found]
    weak = {FreshnessSource.GLUE_UPDATE}
    if any(time.source == FreshnessSource.S3_OBJECT for time in times):
        weak.add(FreshnessSource.PARTITION)
    strong = [time for time in times if time.source not in weak] or times
    ranks = list(FreshnessSource)
    best = max(strong, key=lambda one: (one.at, -ranks.index(one.source)), default=None)
    if best is None:
        return None
    return ChangeTime(best.source, best.at, any(one.may_be_newer for one in strong))


def assess(found: ChangeTime | None, promised_hours: int | None, now: datetime) -> FreshnessState:
    """Old data is late only if nothing newer can have been missed. A partition is registered once and may be filled for a day."""
    if found is None or found.source == FreshnessSource.GLUE_UPDATE:
        return FreshnessState.NOT_KNOWN
    if promised_hours is None:
        return FreshnessState.NOT_PROMISED
    if now - found.at <= timedelta(hours=promised_hours):
        return FreshnessState.FRESH
    is_filled_later = found.source == FreshnessSource.PARTITION and promised_hours < HOURS_OF_DAY
    return FreshnessState.NOT_KNOWN if found.may_be_newer or is_filled_later else FreshnessState.LATE


def choose_worst(states: Sequence[FreshnessState]) -> FreshnessState:
    """A product is as fresh as the oldest of its tables."""
    return next((one for one in WORST_FIRST if one in states), FreshnessState.NOT_KNOWN)


MAX_TROUBLE_LENGTH = 300


class TableFreshness(models.Model):
    """When the data of a table last changed, as read last. `times` are all answers, by source."""

    table = models.OneToOneField(Table, on_delete=models.PROTECT, related_name="freshness")
    changed_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=20, choices=FreshnessSource, blank=True)
    may_be_newer = models.BooleanField(default=False, help_text="Not everything could be looked at.")
    times = models.JSONField(default=dict)
    trouble = models.CharField(
        max_length=MAX_TROUBLE_LENGTH, blank=True, help_text="What AWS refused, in its words."
    )
    read_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "freshness of tables"
        constraints = [
            models.CheckConstraint(
                condition=Q(changed_at=None, source="") | (Q(changed_at__isnull=False) & ~Q(source="")),
                name="table_freshness_has_a_source",
            )
        ]
        indexes = [models.Index(fields=["read_at"], name="table_freshness_read_at")]

    def __str__(self) -> str:
        return f"freshness of {self.table}"

    @property
    def change_time(self) -> ChangeTime | None:
        if self.changed_at is None:
            return None
        return ChangeTime(FreshnessSource(self.source), self.changed_at, self.may_be_newer)


class FreshnessDay(models.Model):
    """The worst state of a product on a day (UTC), and the greatest age of its oldest table that day."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="freshness_days")
    day = models.DateField()
    state = models.CharField(max_length=12, choices=FreshnessState)
    age_minutes = models.PositiveIntegerField(null=True, blank=True)
    promised_hours = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "day"], name="freshness_day_once"),
            models.CheckConstraint(
                condition=~Q(state__in=[FreshnessState.FRESH, FreshnessState.LATE])
                | Q(age_minutes__isnull=False, promised_hours__isnull=False),
                name="freshness_day_has_an_age",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.day}"


READ_LIFECYCLES = (ProductLifecycle.PUBLISHED, ProductLifecycle.DEPRECATED)


@dataclass(frozen=True)
class TableState:
    """`found` is None if nothing says when the table's data changed. `row` is None before the first reading."""

    table: Table
    state: FreshnessState
    found: ChangeTime | None
    row: TableFreshness | None


@dataclass(frozen=True)
class ProductFreshness:
    """A product is as fresh as its oldest table, which `oldest` is; None if nothing is known of any."""

    state: FreshnessState
    promised_hours: int | None
    tables: tuple[TableState, ...]

    @property
    def oldest(self) -> TableState | None:
        known = [(one.found.at, place, one) for place, one in enumerate(self.tables) if one.found]
        in_state = [each for each in known if each[2].state == self.state]
        return min(in_state or known)[2] if known else None


def build_product_freshness(product: DataProduct, tables: Sequence[Table], now: datetime) -> ProductFreshness:
    """The freshness of these tables of the product, without those that are gone. One query."""
    return build_freshness_of_products({product: tables}, now)[product.pk]


def build_freshness_of_products(
    tables: Mapping[DataProduct, Sequence[Table]], now: datetime
) -> dict[int, ProductFreshness]:
    """As `build_product_freshness`, by the product's id. One query however many."""
    readings = find_table_freshness({table.pk for rows in tables.values() for table in rows})
    freshness = {}
    for product, rows in tables.items():
        states = tuple(
            build_table_state(table, readings.get(table.pk), product.freshness_hours, now)
            for table in rows
            if table.tombstoned_at is None
        )
        worst = choose_worst([table.state for table in states])
        freshness[product.pk] = ProductFreshness(worst, product.freshness_hours, states)
    return freshness


def build_table_state(
    table: Table, row: TableFreshness | None, promised_hours: int | None, now: datetime
) -> TableState:
    found = row.change_time if row else None
    return TableState(table, assess(found, promised_hours, now), found, row)


def find_table_freshness(tables: Collection[int]) -> dict[int, TableFreshness]:
    """By table. One query."""
    return {row.table_id: row for row in TableFreshness.objects.filter(table__in=tables)}


def list_product_tables(product: DataProduct) -> list[Table]:
    return map_product_tables([product])[product.pk]


def map_product_tables(products: Collection[DataProduct]) -> dict[int, list[Table]]:
    """The tables of each that are in the catalog, in the order of its page, by its id. One query."""
    tables: dict[int, list[Table]] = {product.pk: [] for product in products}
    links = ProductTable.objects.filter(product__in=products, table__tombstoned_at=None)
    for link in links.select_related("table__database").order_by("position", "table"):
        tables[link.product_id].append(link.table)
    return tables


def list_read_products(table: Table) -> QuerySet[DataProduct]:
    """Published ones with the table."""
    rows = DataProduct.objects.filter(product_tables__table=table, lifecycle__in=READ_LIFECYCLES)
    return rows.select_related("domain", "owner").order_by("pk")


def list_due_tables(before: datetime | CombinedExpression) -> QuerySet[Table]:
    """Tables of published products that were not read since `before`, those never read first."""
    links = ProductTable.objects.filter(table=OuterRef("pk"), product__lifecycle__in=READ_LIFECYCLES)
    read = TableFreshness.objects.filter(table=OuterRef("pk"), read_at__gt=before)
    rows = Table.objects.filter(Exists(links), ~Exists(read), tombstoned_at=None)
    return rows.order_by("freshness__read_at", "pk")


def list_freshness_days(product: DataProduct, since: date) -> list[FreshnessDay]:
    """Oldest first."""
    return list(FreshnessDay.objects.filter(product=product, day__gte=since).order_by("day"))


SOURCE_NAMES = {
    "iceberg_snapshot": message(gettext_noop("its Iceberg snapshot")).format(),
    "s3_object": message(gettext_noop("its newest S3 object")).format(),
    "lineage_run": message(gettext_noop("its last lineage run")).format(),
    "partition": message(gettext_noop("its newest partition")).format(),
    "view_inputs": message(gettext_noop("the oldest table that it reads")).format(),
}
"""For stored text, which is in English."""
AGE_PROMISE = message(gettext_noop("at most %(age)s old"))
AGE = message(gettext_noop("%(table)s is %(age)s old by %(source)s"))
NOT_PROMISED = message(gettext_noop("freshness is not promised any more"))
FAILED_RUN = message(gettext_noop("The last run of %(job)s failed on %(time)s UTC."))
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
            "times": {time.source.value: time.at.isoformat() for time in times},
            "trouble": replace_unstorable(trouble, MAX_TROUBLE_LENGTH),
            "read_at": now,
        },
    )
    return row


def assess_products(table: Table, now: datetime) -> None:
    """Store for each published product with the table its promise, and its row of the day."""
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
            _say(product, broken=False, promised="", fact=NOT_PROMISED.format(), now=now)
    elif oldest is not None and freshness.state in {FreshnessState.LATE, FreshnessState.FRESH}:
        _say(
            product,
            broken=freshness.state == FreshnessState.LATE,
            promised=AGE_PROMISE.format(age=_describe_span(timedelta(hours=freshness.promised_hours))),
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
    return AGE.format(table=one.table, age=age, source=source)


def _find_cause(one: TableState) -> str:
    """A failed run since the data last changed. It is named, and its error is not, which may hold data."""
    failed = find_failed_run(one.table)
    if failed is None or one.found is None or failed.at <= one.found.at:
        return ""
    return FAILED_RUN.format(job=failed.job, time=f"{failed.at.astimezone(UTC):%Y-%m-%d %H:%M}")


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
