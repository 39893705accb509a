"""Take quality results from services, people and AWS. A result that comes again changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import F
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from catalog.lineage.models import LineageDataset
from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, PromiseKind
from catalog.quality.models import QualityRuleset
from catalog.quality.queries import list_team_tables, may_send_quality_results
from catalog.quality.results import IncomingResult
from catalog.quality.writer import (
    StoredResult,
    check_promises,
    check_promises_of_tables,
    list_unreported_anomalies,
    report_anomalies,
    write_results,
)
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import require_allowed


@retry(
    retry=retry_if_exception_type(OperationalError),
    stop=stop_after_attempt(3),
    wait=wait_random(0.01, 0.1),
    reraise=True,
)
def store_results(
    *, incoming: Sequence[IncomingResult], now: datetime, tells: bool = True
) -> list[StoredResult]:
    """All of them, or none. Those that a service or AWS sends: they change no right, so they are not audited one by one."""
    with transaction.atomic():
        return write_results(incoming, now, tells=tells)


@transaction.atomic(durable=True)
def send_quality_results(
    *, acting_user: Person, incoming: Sequence[IncomingResult], now: datetime
) -> list[StoredResult]:
    """The same by a person. ForbiddenError for whoever is no data owner or developer."""
    require_allowed(may_send_quality_results(acting_user))
    stored = write_results(incoming, now)
    for one in stored:
        if one.is_new:
            ruleset = one.result.ruleset
            data = {"what": ruleset.name, "table": ruleset.table_id, "result": one.result.external_id}
            record_by_person("send_quality_result", acting_user, f"quality_result:{one.result.pk}", data, now)
    return stored


def adopt_matched_datasets(*, now: datetime) -> int:
    """Give rulesets of lineage events the table that their dataset has now, if it is of the team that sent them. Returns how
    many changed.
    """
    with transaction.atomic():
        rows = QualityRuleset.objects.filter(dataset__isnull=False).exclude(table=F("dataset__table"))
        unmatched = QualityRuleset.objects.filter(
            dataset__isnull=False, table=None, dataset__table__isnull=False
        )
        lost = QualityRuleset.objects.filter(dataset__table=None, table__isnull=False, dataset__isnull=False)
        moved = {*rows.values_list("pk", flat=True), *unmatched.values_list("pk", flat=True)}
        moved.update(lost.values_list("pk", flat=True))
        changed: set[int] = set()
        count = 0
        for row in QualityRuleset.objects.filter(pk__in=sorted(moved)).select_related("dataset"):
            dataset = row.dataset
            assert isinstance(dataset, LineageDataset)
            table = dataset.table_id
            if table and not list_team_tables([row.team_id or 0]).filter(pk=table).exists():
                table = None
            if table == row.table_id:
                continue
            changed.update(one for one in (row.table_id, table) if one)
            row.table_id = table
            row.save(update_fields=["table"])
            count += 1
        check_promises_of_tables(changed, now)
        return count


def check_all_promises(*, now: datetime) -> None:
    """Check all products that promise a score: promises and tables of products change without a result."""
    promising = set(DataProduct.objects.filter(quality_percent__isnull=False).values_list("pk", flat=True))
    open_ones = PromiseBreach.objects.filter(kind=PromiseKind.QUALITY, ended_at=None)
    with transaction.atomic():
        check_promises(promising | set(open_ones.values_list("product", flat=True)), now)


def report_all_anomalies(*, now: datetime) -> None:
    """What is still unusual after results have been read without telling anybody."""
    with transaction.atomic():
        report_anomalies(set(list_unreported_anomalies().values_list("table", flat=True)), now)
