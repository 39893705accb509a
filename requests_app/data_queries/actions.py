"""Ask for sample rows and profiles, and cancel a query. No call to AWS is made: a worker finds the row."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.browse.tables import get_table
from catalog.classification.models import SamplingRole
from catalog.mirror.models import Table
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.queries import insert_open_row
from requests_app.data_queries.callers import Caller, record_by_caller
from requests_app.data_queries.may import may_cancel_query, may_request_profile, may_request_sample
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.readers import Reader, list_profiled_columns, list_readers
from requests_app.data_queries.states import OPEN_QUERY_STATES

HOUR = timedelta(hours=1)
Kind = DataQuery.Kind


@transaction.atomic(durable=True)
def request_sample(
    *, acting_user: Person, table_id: int, now: datetime, principal: str | None = None
) -> DataQuery:
    """A few rows of the columns that one of the person's roles may read: of `principal`, by its ARN, or the one that reads most.

    NotFoundError for a table that the person may not see; ForbiddenError; RefusedError without a role that may read it, while a
    sample is being read, and after too many in an hour.
    """
    table = get_table(acting_user, table_id)
    require_allowed(may_request_sample(acting_user, table))
    caller = Caller(acting_user)
    reader = choose_reader(list_readers(caller, table, now), principal)
    recent = caller.own_queries.filter(kind=Kind.SAMPLE, requested_at__gt=now - HOUR).count()
    if recent >= settings.SAMPLES_PER_HOUR:
        words = {"most": settings.SAMPLES_PER_HOUR}
        raise RefusedError(_("You read %(most)s samples in the last hour. Try again later.") % words)
    columns = reader.columns[: settings.SAMPLE_COLUMNS]
    query = DataQuery(
        kind=Kind.SAMPLE,
        principal=reader.principal,
        database=reader.database,
        workgroup=settings.QUERY_WORKGROUP,
        table=table,
        columns=list(columns),
        max_rows=settings.SAMPLE_ROWS,
        requested_at=now,
        **caller.fields,
    )
    own = _list_open_queries(Kind.SAMPLE, table).filter(requested_by=acting_user)
    insert_open_row(query, own, RefusedError(_("A sample of this table is being read already.")))
    data = {
        "table": table.pk,
        "what": str(table),
        "principal": reader.principal.arn,
        "columns": list(columns),
        "most_rows": settings.SAMPLE_ROWS,
    }
    record_by_person("request_sample", acting_user, query.subject, data, now)
    return query


@transaction.atomic(durable=True)
def request_profile(*, acting_user: Person, table_id: int, now: datetime) -> DataQuery:
    """Have the catalog's sampling role count the values of the table's columns, but of no sensitive one.

    NotFoundError, ForbiddenError; RefusedError without a sampling role, or while a profile is being made.
    """
    table = get_table(acting_user, table_id)
    require_allowed(may_request_profile(acting_user, table))
    role = SamplingRole.objects.select_related("principal").filter(catalog=table.database.catalog).first()
    if role is None:
        raise RefusedError(
            _("This catalog has no sampling role. A governance admin sets one in the administration.")
        )
    columns = list_profiled_columns(table)
    if not columns:
        raise RefusedError(_("The table has no classified column that is not sensitive."))
    query = DataQuery(
        kind=Kind.PROFILE,
        table=table,
        principal=role.principal,
        requested_by=acting_user,
        requested_at=now,
        database=table.database.name,
        workgroup=role.workgroup,
        columns=columns,
        max_rows=settings.PROFILE_ROWS,
    )
    refusal = RefusedError(_("A profile of this table is being made already."))
    insert_open_row(query, _list_open_queries(Kind.PROFILE, table), refusal)
    data = {"table": table.pk, "what": str(table), "principal": role.principal.arn, "columns": columns}
    record_by_person("request_profile", acting_user, query.subject, data, now)
    return query


@transaction.atomic(durable=True)
def cancel_query(*, caller: Caller, query_id: int, now: datetime) -> DataQuery:
    """Its rows can no longer be read, and a worker stops it in Athena. Cancelled already, nothing changes. NotFoundError."""
    query = DataQuery.objects.select_for_update(of=("self",)).filter(pk=query_id).first()
    if query is None or not may_cancel_query(caller, query):
        raise NotFoundError
    if query.cancelled_at is None:
        query.cancelled_at = now
        query.save(update_fields=["cancelled_at"])
        record_by_caller("cancel_data_query", caller, query.subject, {"table": query.table_id}, now)
    return query


def choose_reader(readers: Sequence[Reader], principal: str | None) -> Reader:
    """RefusedError without one, or if `principal` is none of them."""
    if not readers:
        raise RefusedError(_("None of your roles has proven access to this table."), "table")
    reader = next((reader for reader in readers if principal in {None, reader.principal.arn}), None)
    if reader is None:
        raise RefusedError(_("This role has no proven access to this table."), "principal")
    return reader


def _list_open_queries(kind: DataQuery.Kind, table: Table) -> QuerySet[DataQuery]:
    return DataQuery.objects.filter(kind=kind, table=table, state__in=OPEN_QUERY_STATES)
