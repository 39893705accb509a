"""Parses the use of a table from a CloudTrail record, and recognises our own test queries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from catalog.usage.models import MAX_NAME_LENGTH
from fulfilment.role_queries.models import TestQuery
from identity.accounts.models import ConnectedCatalog
from kernel.storable_text import replace_unstorable

LAKE_FORMATION, DATA_ACCESS_EVENT = "lakeformation.amazonaws.com", "GetDataAccess"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
ARN_PART_COUNT = 6


@dataclass(frozen=True)
class TableReader:
    """`unique_id` is a role's or user's own; `session` is the name that whoever assumed the role gave, empty for a user."""

    unique_id: str
    account: str
    session: str = ""


@dataclass(frozen=True)
class TableUse:
    reader: TableReader
    database: str
    table: str
    at: datetime
    query: UUID | None = None
    """Athena's id of the query that read it, if it is named."""


def is_heartbeat(record: Mapping[str, Any]) -> bool:
    """Whether it is a read call of Lake Formation. The workers make these constantly: a trail without them has a gap."""
    return record.get("eventSource") == LAKE_FORMATION and record.get("readOnly") is True


def parse_use(record: Mapping[str, Any], catalog: ConnectedCatalog) -> TableUse | None:
    """The use of a table of the catalog; None for other records, other catalogs, and where access was refused.

    The record is the owner's copy where the reader is of another account: without an ARN, with the unique id
    (Lake Formation developer guide, "Cross-account CloudTrail logging").
    """
    if record.get("eventSource") != LAKE_FORMATION or record.get("eventName") != DATA_ACCESS_EVENT:
        return None
    asked, who = record.get("requestParameters"), record.get("userIdentity")
    if record.get("errorCode") or not isinstance(asked, Mapping) or not isinstance(who, Mapping):
        return None
    named, reader, at = (
        _parse_table(str(asked.get("tableArn")), catalog),
        _parse_reader(who),
        _parse_time(record),
    )
    return TableUse(reader, *named, at, _parse_query(asked)) if named and reader and at else None


def _parse_table(arn: str, catalog: ConnectedCatalog) -> tuple[str, str] | None:
    """Database and table of `arn:aws:glue:<region>:<account>:table/[<path>/]<database>/<table>`."""
    parts = arn.split(":", ARN_PART_COUNT - 1)
    if len(parts) < ARN_PART_COUNT or parts[3:5] != [catalog.region, catalog.account.account_id]:
        return None
    kind, _, names = parts[-1].partition("/")
    path, _, last = names.rpartition("/")
    path, _, database = path.rpartition("/")
    if kind != "table" or path != catalog.path or not (database and last):
        return None
    return replace_unstorable(database, MAX_NAME_LENGTH), replace_unstorable(last, MAX_NAME_LENGTH)


def _parse_reader(who: Mapping[str, Any]) -> TableReader | None:
    unique_id, _, session = str(who.get("principalId") or "").partition(":")
    account = str(who.get("accountId") or "")
    if not (unique_id and account):
        return None
    return TableReader(
        replace_unstorable(unique_id, 64), replace_unstorable(account, 12), replace_unstorable(session, 64)
    )


def _parse_time(record: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.strptime(str(record.get("eventTime")), TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


QUERY_ID = re.compile(r"queryId:? *\"?:? *\"?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
MAX_CONTEXT_LENGTH = 2048
"""Of an audit context (Lake Formation API reference, AuditContext)."""


def _parse_query(asked: Mapping[str, Any]) -> UUID | None:
    """The id that Athena writes into the audit context: `{queryId: …}`."""
    context = asked.get("auditContext")
    text = context.get("additionalAuditContext") if isinstance(context, Mapping) else None
    found = QUERY_ID.search(str(text)[:MAX_CONTEXT_LENGTH]) if text else None
    return UUID(found[1]) if found else None


TEST_QUERY_SESSION = re.compile(r"meshmarket-test-query-([0-9]{1,18})")  # see role_queries.SESSION_NAME


def is_test_query(reader: TableReader, at: datetime) -> bool:
    """Whether CloudTrail shows one of our own queries. A session that only bears such a name counts as the role's use:
    a query with this number must have run for this role at that time.
    """
    named = TEST_QUERY_SESSION.fullmatch(reader.session)
    query = TestQuery.objects.filter(pk=named[1]).select_related("intent").first() if named else None
    if query is None or query.intent.access.parties.principal_id != reader.unique_id:
        return False
    began = query.requested_at.replace(microsecond=0)
    return began <= at and (query.finished_at is None or at <= query.finished_at)
