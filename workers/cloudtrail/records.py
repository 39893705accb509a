"""What one record of CloudTrail says about the use of a catalog's tables, and whether a query of ours made it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.storable_text import storable
from catalog.usage.models import LONGEST_NAME
from fulfilment.role_queries.models import RoleQuery
from identity.accounts.models import ConnectedCatalog

LAKE_FORMATION, LET_IN = "lakeformation.amazonaws.com", "GetDataAccess"
TIME = "%Y-%m-%dT%H:%M:%SZ"
PARTS_OF_AN_ARN = 6


@dataclass(frozen=True)
class Reader:
    """`unique_id` is a role's or user's own; `session` is the name that whoever assumed the role gave, empty for a user."""

    unique_id: str
    account: str
    session: str = ""


@dataclass(frozen=True)
class Use:
    reader: Reader
    database: str
    table: str
    at: datetime


def is_heartbeat(record: Mapping[str, Any]) -> bool:
    """Whether it shows that the trail logs what reads in Lake Formation, as the workers themselves do all the time."""
    return record.get("eventSource") == LAKE_FORMATION and record.get("readOnly") is True


def use_told(record: Mapping[str, Any], catalog: ConnectedCatalog) -> Use | None:
    """The use of a table of the catalog; None for other records, other catalogs, and where access was refused.

    The record is the owner's copy where the reader is of another account: without an ARN, with the unique id
    (Lake Formation developer guide, "Cross-account CloudTrail logging").
    """
    if record.get("eventSource") != LAKE_FORMATION or record.get("eventName") != LET_IN:
        return None
    asked, who = record.get("requestParameters"), record.get("userIdentity")
    if record.get("errorCode") or not isinstance(asked, Mapping) or not isinstance(who, Mapping):
        return None
    named, reader, at = _table(str(asked.get("tableArn")), catalog), _reader(who), _time(record)
    return Use(reader, *named, at) if named and reader and at else None


def _table(arn: str, catalog: ConnectedCatalog) -> tuple[str, str] | None:
    """Database and table of `arn:aws:glue:<region>:<account>:table/[<path>/]<database>/<table>`."""
    parts = arn.split(":", PARTS_OF_AN_ARN - 1)
    if len(parts) < PARTS_OF_AN_ARN or parts[3:5] != [catalog.region, catalog.account.account_id]:
        return None
    kind, _, names = parts[-1].partition("/")
    path, _, last = names.rpartition("/")
    path, _, database = path.rpartition("/")
    if kind != "table" or path != catalog.path or not (database and last):
        return None
    return storable(database, LONGEST_NAME), storable(last, LONGEST_NAME)


def _reader(who: Mapping[str, Any]) -> Reader | None:
    unique_id, _, session = str(who.get("principalId") or "").partition(":")
    account = str(who.get("accountId") or "")
    if not (unique_id and account):
        return None
    return Reader(storable(unique_id, 64), storable(account, 12), storable(session, 64))


def _time(record: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.strptime(str(record.get("eventTime")), TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


OWN_SESSION = re.compile(r"meshmarket-test-query-([0-9]{1,18})")  # as accounts/role_queries.SESSION


def is_test_query(reader: Reader, at: datetime) -> bool:
    """Whether CloudTrail shows one of our own queries. A session that only bears such a name counts as the role's use:
    a query with this number must have run for this role at that time.
    """
    named = OWN_SESSION.fullmatch(reader.session)
    query = RoleQuery.objects.filter(pk=named[1]).select_related("intent").first() if named else None
    if query is None or query.intent.access.principal_id != reader.unique_id:
        return False
    began = query.asked_at.replace(microsecond=0)
    return began <= at and (query.finished_at is None or at <= query.finished_at)
