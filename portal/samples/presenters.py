"""Sample rows of a table as a person may see them, or made-up ones."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Window

from catalog.mirror.models import ColumnFacts, Table
from identity.accounts import Principal
from identity.people.models import Person
from identity.people.queries import list_account_admins
from kernel.verdicts import Verdict
from portal.samples.problem_texts import describe_missing_trust, describe_problem
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.may import may_request_sample
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.queries import Row, get_last_sample, list_rows
from requests_app.data_queries.readers import Reader, list_readers
from requests_app.data_queries.role_refusals import RoleRefusal, find_untrusting_principals
from requests_app.data_queries.states import QueryProblem, QueryState
from requests_app.data_queries.synthetic_rows import build_synthetic_rows
from requests_app.grants.subgrants.may import is_account_admin

_WORKER_SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([\w+=,.@-]+)/")
SHOWN_COLUMNS = 40
UNKNOWN_WORKER = "<ARN of the workers' role>"


@dataclass(frozen=True)
class RowTable:
    """Rows as text, in the order of `columns`: the first ones of `total`."""

    table_id: int
    columns: Sequence[str]
    rows: Sequence[Row]
    total: int


@dataclass(frozen=True)
class SampleFailure:
    """`details` are AWS's own words, `at` is when. `statement` is what to add to the role's trust policy, for who administers the
    role's account.
    """

    text: str
    remedy: str
    details: str = ""
    statement: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class SampleView:
    """`readers` are the person's roles that may read the table; without any, `synthetic` rows are shown. `real` are rows that
    were read, until they expire. `refusals` are of roles that did not let the workers in when they last tried, without that of
    the query; `is_refused`: all of the readers did not.
    """

    table: Table
    readers: Sequence[Reader]
    verdict: Verdict
    query: DataQuery | None
    real: RowTable | None
    expires_in: int
    failure: SampleFailure | None
    synthetic: RowTable | None
    refusals: Sequence[SampleFailure] = ()
    is_refused: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.query is not None and self.query.is_open

    @property
    def may_request(self) -> bool:
        return bool(self.verdict) and bool(self.readers) and not self.is_waiting

    @property
    def has_expired(self) -> bool:
        is_read = self.query is not None and self.query.state == QueryState.SUCCEEDED
        return is_read and self.real is None and bool(self.readers)

    @property
    def polled_values(self) -> tuple[object, ...]:
        query = self.query
        return (query.pk, query.state, self.expires_in) if query else ()


def build_sample_view(person: Person, table: Table, now: datetime) -> SampleView:
    readers = [] if table.tombstoned_at else list_readers(Caller(person), table, now)
    refused = find_untrusting_principals([reader.principal.pk for reader in readers]) if readers else {}
    readers.sort(key=lambda reader: reader.principal.pk in refused)
    query = get_last_sample(person, table)
    rows = list_rows(query, Caller(person), now) if query and query.has_rows(now) else None
    shows_synthetic = not readers and table.tombstoned_at is None
    if query is None or query.expires_at is None:
        expires_in = 0
    else:
        expires_in = max(0, -int(-(query.expires_at - now).total_seconds() // 60))
    shown = query.principal_id if query and query.state == QueryState.FAILED else None
    refusals = [
        _build_trust_failure(person, reader.principal, refused[reader.principal.pk])
        for reader in readers
        if reader.principal.pk in refused and reader.principal.pk != shown
    ]
    return SampleView(
        table=table,
        readers=readers,
        verdict=may_request_sample(person, table),
        query=query,
        real=_build_real_rows(query, rows) if query and rows is not None else None,
        expires_in=expires_in,
        failure=_build_failure(person, query) if query and query.state == QueryState.FAILED else None,
        synthetic=_build_synthetic_rows(table) if shows_synthetic else None,
        refusals=refusals,
        is_refused=bool(readers) and len(refused) == len(readers),
    )


def _build_real_rows(query: DataQuery, rows: Sequence[Row]) -> RowTable:
    shown = [row[:SHOWN_COLUMNS] for row in rows]
    return RowTable(query.table_id, query.columns[:SHOWN_COLUMNS], shown, len(query.columns))


def _build_synthetic_rows(table: Table) -> RowTable:
    """One query."""
    rows = table.columns.annotate(total=Window(Count("pk"))).values_list("total", *ColumnFacts._fields)
    found = list(rows[:SHOWN_COLUMNS])
    columns = [ColumnFacts(*facts) for _total, *facts in found]
    total = found[0][0] if found else 0
    return RowTable(
        table.pk, [column.name for column in columns], build_synthetic_rows(table, columns), total
    )


def _build_trust_failure(person: Person, principal: Principal, refused: RoleRefusal) -> SampleFailure:
    may_mend = is_account_admin(person, principal.account)
    text, remedy = describe_missing_trust(
        principal, list(list_account_admins(principal.account.team)), may_mend=may_mend
    )
    statement = build_trust_statement(principal, refused.error) if may_mend else ""
    return SampleFailure(text, remedy, refused.error, statement, refused.at)


def _build_failure(person: Person, query: DataQuery) -> SampleFailure:
    if query.problem == QueryProblem.NOT_TRUSTED and query.finished_at:
        return _build_trust_failure(person, query.principal, RoleRefusal(query.finished_at, query.error))
    text, remedy = describe_problem(query)
    return SampleFailure(text, remedy, query.error, at=query.finished_at)


def build_trust_statement(principal: Principal, error: str) -> str:
    """For the role's trust policy. AWS names the session of the workers in its refusal."""
    session = _WORKER_SESSION.search(error)
    worker = f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else UNKNOWN_WORKER
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": worker},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": principal.account.external_id}},
    }
    return json.dumps(statement, indent=2)
