"""By which roles a caller may read a table just now, and which of its columns."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from catalog.classification.models import SamplingRole
from catalog.mirror.models import Classification, ColumnFacts, Table
from identity.accounts import Principal
from identity.people.models import Person
from requests_app.access_requests.item_targets import build_filter, list_data_conditions
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.may import may_request_profile
from requests_app.data_queries.models import DataQuery
from requests_app.grants.consumer_names import get_consumer_database
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_reading_grants
from requests_app.grants.reach import covers_table, is_ready


@dataclass(frozen=True)
class Reader:
    """A role with live, proven grants on the table. `columns` are in table order. Of `unfiltered_columns` it reads every row."""

    principal: Principal
    grants: tuple[Grant, ...]
    columns: tuple[str, ...]
    unfiltered_columns: frozenset[str]
    database: str

    @property
    def ends_at(self) -> datetime:
        return max(grant.ends_at for grant in self.grants)


def list_readers(caller: Caller, table: Table, now: datetime) -> list[Reader]:
    """The one with most columns first. IAM users are left out: nobody can work as them."""
    by_principal: dict[int, list[Grant]] = defaultdict(list)
    for grant in list_reading_grants(caller.list_principals(), [table], now):
        if is_ready(grant) and covers_table(grant, table) and not grant.principal.is_user:
            by_principal[grant.principal_id].append(grant)
    columns = table.column_facts if by_principal else []
    readers = [_build_reader(grants, table, columns) for grants in by_principal.values()]
    return sorted(
        (reader for reader in readers if reader.columns),
        key=lambda one: (-len(one.columns), one.principal.name),
    )


def list_unfiltered_columns(person: Person, table: Table, now: datetime) -> frozenset[str]:
    """Columns of which the person may see values over all rows, whichever rows they are from: all for data owners of the table's
    domain, public ones for whoever sees the table, else those that one of their roles reads without a row filter.
    """
    columns = table.column_facts
    if may_request_profile(person, table):
        return frozenset(column.name for column in columns)
    public = {column.name for column in columns if column.classification == Classification.PUBLIC}
    return frozenset(public).union(
        *(reader.unfiltered_columns for reader in list_readers(Caller(person), table, now))
    )


def may_still_read(query: DataQuery, caller: Caller, now: datetime) -> bool:
    """Whether the caller may read every column that the query names as its principal now, in every row that it could read when it
    asked.
    """
    if not caller.is_active(now):
        return False
    readers = list_readers(caller, query.table, now)
    reader = next((reader for reader in readers if reader.principal.pk == query.principal_id), None)
    used = {*query.columns, *(one["column"] for one in query.filters)}
    if reader is None or not used <= set(reader.columns):
        return False
    return used <= reader.unfiltered_columns or not _has_lost_rows(query, reader, used, now)


def _has_lost_rows(query: DataQuery, reader: Reader, used: Collection[str], now: datetime) -> bool:
    """Whether a grant of the reader ended since the query was asked for, and no other gives the same rows of these columns."""
    ended = Grant.objects.filter(
        Q(ended_at__gte=query.requested_at) | Q(ended_at=None, ends_at__lte=now),
        build_filter(list_data_conditions(), "item__"),
        principal=query.principal_id,
        ends_at__gt=query.requested_at,
    ).select_related("item__table__database", "intent")
    columns = query.table.column_facts
    for grant in ended:
        if covers_table(grant, query.table):
            lost = set(_iterate_columns(grant, columns)) & set(used)
            same = [one for one in reader.grants if one.item.row_filter in {"", grant.item.row_filter}]
            if not lost <= {name for one in same for name in _iterate_columns(one, columns)}:
                return True
    return False


def may_still_profile(query: DataQuery) -> bool:
    """Whether who asked may profile the table now, by this role, and none of the columns became sensitive."""
    person, catalog = query.requested_by, query.table.database.catalog
    role = SamplingRole.objects.filter(
        catalog=catalog, principal=query.principal_id, workgroup=query.workgroup
    )
    if person is None or not may_request_profile(person, query.table) or not role.exists():
        return False
    principal = query.principal
    is_usable = not principal.is_portal and principal.account_id == catalog.account_id and not catalog.path
    return is_usable and set(query.columns) <= set(list_profiled_columns(query.table))


def list_profiled_columns(table: Table) -> list[str]:
    """Lists columns that are classified, and not as sensitive: what nobody has looked at may be anything."""
    rows = table.columns.exclude(classification__in=["", Classification.SENSITIVE]).order_by("position")
    return list(rows.values_list("name", flat=True)[: settings.PROFILE_COLUMNS])


def _build_reader(grants: list[Grant], table: Table, columns: Sequence[ColumnFacts]) -> Reader:
    by_grant = {grant: frozenset(_iterate_columns(grant, columns)) for grant in grants}
    names = frozenset[str]().union(*by_grant.values())
    return Reader(
        principal=grants[0].principal,
        grants=tuple(grants),
        columns=tuple(column.name for column in columns if column.name in names),
        unfiltered_columns=frozenset[str]().union(
            *(given for grant, given in by_grant.items() if not grant.item.row_filter)
        ),
        database=get_consumer_database(grants[0], table),
    )


def _iterate_columns(grant: Grant, columns: Iterable[ColumnFacts]) -> Iterator[str]:
    """A column set does not name partition keys: they are granted with all columns, or as they were requested."""
    given, asked = grant.intent.access.cells.columns, set(grant.item.columns)
    for column in columns:
        if given.is_every or (
            column.name in asked if column.is_partition_key else column.name.lower() in given
        ):
            yield column.name
