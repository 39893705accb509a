"""Reads of queries and of their rows, by who asked."""

from datetime import datetime

from django.db.models import QuerySet

from catalog.classification.models import SamplingRole
from catalog.mirror.models import Table
from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.readers import may_still_read

RELATED = ("table__database__catalog__account", "principal__account", "requested_by", "token", "product")
Row = list[str | None]


def list_own_queries(caller: Caller, kind: DataQuery.Kind) -> QuerySet[DataQuery]:
    """Newest first."""
    return caller.own_queries.filter(kind=kind).select_related(*RELATED).order_by("-pk")


def get_own_query(caller: Caller, kind: DataQuery.Kind, pk: int) -> DataQuery:
    """NotFoundError for anybody but who asked."""
    found = list_own_queries(caller, kind).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def get_last_sample(person: Person, table: Table) -> DataQuery | None:
    """The person's latest of the table."""
    return list_own_queries(Caller(person), DataQuery.Kind.SAMPLE).filter(table=table).first()


def get_last_profile_query(table: Table) -> DataQuery | None:
    return DataQuery.objects.filter(table=table, kind=DataQuery.Kind.PROFILE).order_by("-pk").first()


def has_sampling_role(table: Table) -> bool:
    """Whether the table's catalog has one, without which no profile can be measured."""
    return SamplingRole.objects.filter(catalog=table.database.catalog_id).exists()


def list_rows(query: DataQuery, caller: Caller, now: datetime) -> list[Row] | None:
    """All that is kept of the result; None once it expired, or if the access ended meanwhile."""
    if not query.has_rows(now) or not may_still_read(query, caller, now):
        return None
    pages = query.pages.order_by("number").values_list("rows", flat=True)
    rows: list[Row] = [row for page in pages for row in page]
    is_lost = len(rows) < (query.row_count or 0)
    return None if is_lost else rows
