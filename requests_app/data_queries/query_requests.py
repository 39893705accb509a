"""Ask for a query of the data API: columns, filters and a limit, never SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError
from requests_app.data_queries.actions import choose_reader
from requests_app.data_queries.callers import Caller, record_by_caller
from requests_app.data_queries.filters import build_conditions
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.readers import Reader, list_readers
from requests_app.data_queries.states import OPEN_QUERY_STATES
from requests_app.grants.queries import list_reading_grants

MAX_COLUMNS = 200
MAX_ID_DIGITS = 18
DEFAULT_ROWS = 100


@dataclass(frozen=True)
class QueryRequest:
    """`table` is an id or `database.table`. No `columns`: all that may be read. No `principal`: the role that reads most."""

    table: str
    columns: Sequence[str] = ()
    filters: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    limit: int = DEFAULT_ROWS
    principal: str | None = None


@transaction.atomic(durable=True)
def request_query(*, caller: Caller, slug: str, wanted: QueryRequest, now: datetime) -> DataQuery:
    """A worker runs it as the caller's role.

    NotFoundError for a product that the caller may not see; RefusedError, with the place, for what cannot be queried, or while
    too many of the caller's queries are open.
    """
    product = get_callable_product(caller, slug, now)
    table = get_product_table(product, wanted.table)
    reader = choose_reader(list_readers(caller, table, now), wanted.principal)
    columns = _check_columns(wanted.columns, reader)
    types = {column.name: column.type for column in table.columns.all() if column.name in reader.columns}
    build_conditions(wanted.filters, types)
    if not 1 <= wanted.limit <= settings.QUERY_MAX_ROWS:
        words = {"most": settings.QUERY_MAX_ROWS}
        raise RefusedError(_("Ask for 1 to %(most)s rows.") % words, "limit")
    acquire_transaction_lock(AdvisoryLock.DATA_QUERY, caller.actor)
    open_ = caller.own_queries.filter(state__in=OPEN_QUERY_STATES, kind=DataQuery.Kind.QUERY)
    if open_.count() >= settings.OPEN_QUERIES:
        raise RefusedError(
            _("%(most)s of your queries are still open. Wait until one has ended, or cancel it.")
            % {"most": settings.OPEN_QUERIES}
        )
    query = DataQuery.objects.create(
        kind=DataQuery.Kind.QUERY,
        product=product,
        table=table,
        principal=reader.principal,
        database=reader.database,
        workgroup=settings.QUERY_WORKGROUP,
        columns=columns,
        filters=[dict(one) for one in wanted.filters],
        max_rows=wanted.limit,
        requested_at=now,
        **caller.fields,
    )
    record_by_caller("request_data_query", caller, query.subject, _describe(query, product), now)
    return query


def get_callable_product(caller: Caller, slug: str, now: datetime) -> DataProduct:
    """Returns a product that a person may see; for a token, a published one that its maker may see, and of which its team may read a
    table. NotFoundError.
    """
    rows = DataProduct.objects.select_related("domain__owner_team", "owner").filter(slug=slug)
    rows = rows.filter(pk__in=visible_products(caller.responsible_person).values("pk"))
    if caller.token:
        rows = rows.filter(is_published=True, retired_at=None)
    product = rows.first()
    if product is None or (caller.token and not _reads_any_table(caller, product, now)):
        raise NotFoundError
    return product


def _reads_any_table(caller: Caller, product: DataProduct, now: datetime) -> bool:
    tables = list(product.tables.select_related("database__catalog"))
    return bool(tables) and list_reading_grants(caller.list_principals(), tables, now).exists()


def get_product_table(product: DataProduct, named: str) -> Table:
    """By its id, or as `database.table`. RefusedError for one that is no table of the product."""
    rows = product.tables.select_related("database__catalog__account", "database__domain__owner_team")
    rows = rows.filter(tombstoned_at=None)
    database, _dot, name = named.partition(".")
    is_id = named.isascii() and named.isdecimal() and len(named) <= MAX_ID_DIGITS
    found = rows.filter(pk=int(named)) if is_id else rows.filter(database__name=database, name=name)
    table = found.first()
    if table is None:
        raise RefusedError(_("This data product has no such table."), "table")
    return table


def _check_columns(wanted: Sequence[str], reader: Reader) -> list[str]:
    if not wanted:
        return list(reader.columns)[:MAX_COLUMNS]
    if len(wanted) > MAX_COLUMNS:
        raise RefusedError(_("Ask for at most %(most)s columns.") % {"most": MAX_COLUMNS}, "columns")
    for number, name in enumerate(wanted):
        words = {"column": name}
        if name not in reader.columns:
            raise RefusedError(
                _("You can't read a column %(column)s of this table.") % words, f"columns.{number}"
            )
        if name in wanted[:number]:
            raise RefusedError(_("You named the column %(column)s twice.") % words, f"columns.{number}")
    return list(wanted)


def _describe(query: DataQuery, product: DataProduct) -> dict[str, Any]:
    """For the record: what was asked, without the values of the filters."""
    return {
        "product": product.pk,
        "table": query.table_id,
        "what": str(query.table),
        "principal": query.principal.arn,
        "columns": query.columns,
        "filters": [{"column": one["column"], "op": one["op"]} for one in query.filters],
        "most_rows": query.max_rows,
    }
