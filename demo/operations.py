"""What *Try to break it* has the supervisor do: ask as any role, go around the portal, hurt AWS, turn the clock.

`offer` adds them to the socket's operations. The supervisor acts as an account's root or as the role asked
for; what it needs to know of grants and tables it asks the running site, as the governance admin.
"""

import http.client
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from audit.clock import ADVANCE
from demo.bank.accounts import ACCOUNTS, GOVERNANCE, INSURANCE, REGION, REINSURANCE_REGION
from demo.journey import lake
from demo.journey.cloud import Cloud
from demo.journey.consumers import GOVERNANCE_ADMIN
from demo.journey.results import UnmetError
from demo.journey.site import Visitor
from demo.setup import PASSWORD
from demo.supervisor.control_socket import OPERATIONS, OperationError
from demo.supervisor.supervisor import Supervisor

logger = logging.getLogger(__name__)
Request = dict[str, Any]
ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/[\w+=,.@/-]+")
CATALOGS = {"gov": (GOVERNANCE, REGION), "ins-euw1": (INSURANCE, REINSURANCE_REGION)}
MOST_CALLS, LONGEST_STEP, MOST_ROWS = 1000, 400 * 86_400, 1000
KEPT = ("Name", "Description", "Owner", "TableType", "StorageDescriptor", "PartitionKeys", "Parameters")
"""Of a Glue table, what makes it anew."""


def principals(supervisor: Supervisor, _request: Request) -> Request:
    """`principals`: arn, name and account of every role that asks for data."""
    cloud, found = cloud_of(supervisor), []
    for account in (one for one in ACCOUNTS if one.consumes):
        pages = cloud.root("iam", account.id).get_paginator("list_roles").paginate()
        names = {role["RoleName"]: role["Arn"] for page in pages for role in page["Roles"]}
        asking = [name for name in names if not name.startswith(("meshmarket-", "lakeformation-"))]
        found += [{"arn": names[name], "name": name, "account": account.title} for name in sorted(asking)]
    return {"principals": found}


def query(supervisor: Supervisor, request: Request) -> Request:
    """Runs `sql` in Athena as `principal_arn`: state, reason, columns, rows (of text or None)."""
    arn, sql = str(request.get("principal_arn", "")), str(request.get("sql", "")).strip()
    if not ROLE.fullmatch(arn):
        raise OperationError("choose a role")
    if not sql:
        raise OperationError("write a query")
    try:
        answer = cloud_of(supervisor).assume(arn).query(sql.rstrip(";"))
    except ClientError as error:
        return {"state": "FAILED", "reason": said(error), "columns": [], "rows": []}
    rows = answer.rows[:MOST_ROWS]
    return {"state": answer.state, "reason": answer.reason, "columns": answer.columns, "rows": rows}


def revoke_behind(supervisor: Supervisor, request: Request) -> Request:
    """Removes the SELECT of the grant `grant_id` in AWS, as the catalog's account's root."""
    grant = governor_of(supervisor).get(f"grants/{number(request, 'grant_id')}/")
    table = grant["table"]
    account, region = place_of(table["catalog"])
    arn = grant["principal"]["arn"]
    removed = lake.revoke_select(
        cloud_of(supervisor), arn, table["database"], table["name"], account=account, region=region
    )
    return {"removed": removed, "principal": arn}


def drop_table(supervisor: Supervisor, request: Request) -> Request:
    """Drops a table (`table_id`, or `database` and `table`) in Glue; `recreate_table` makes it anew."""
    database, table, catalog = named(supervisor, request)
    account, region = place_of(catalog)
    glue = cloud_of(supervisor).root("glue", account, region)
    found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    kept = {key: found[key] for key in KEPT if key in found}
    file = kept_file(supervisor, database, table)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text(json.dumps(kept))
    glue.delete_table(DatabaseName=database, Name=table)
    return {"dropped": f"{database}.{table}"}


def recreate_table(supervisor: Supervisor, request: Request) -> Request:
    """Makes a dropped table anew: same name and columns, another identity, no permissions."""
    database, table, catalog = named(supervisor, request)
    file = kept_file(supervisor, database, table)
    if not file.exists():
        raise OperationError(f"{database}.{table} was not dropped here")
    account, region = place_of(catalog)
    glue = cloud_of(supervisor).root("glue", account, region)
    glue.create_table(DatabaseName=database, TableInput=json.loads(file.read_text()))
    file.unlink()
    return {"recreated": f"{database}.{table}"}


def throttle(supervisor: Supervisor, request: Request) -> Request:
    """The next `calls` calls to Lake Formation in the governance account are told to slow down."""
    calls = number(request, "calls", most=MOST_CALLS)
    fault = {"kind": "throttle", "service": "lakeformation", "account": GOVERNANCE, "count": calls}
    cloud_of(supervisor).control("faults", fault)
    return {"throttled": calls}


def outage(supervisor: Supervisor, _request: Request) -> Request:
    """Lake Formation fails every call until `calm`."""
    fault = {
        "kind": "error",
        "service": "lakeformation",
        "code": "InternalServiceException",
        "rate": 1.0,
    }
    cloud_of(supervisor).control("faults", fault)
    return {"outage": True}


def calm(supervisor: Supervisor, _request: Request) -> Request:
    """Ends throttling and outages."""
    cloud_of(supervisor).control("faults", method="DELETE")
    return {"outage": False}


def clock(supervisor: Supervisor, _request: Request) -> Request:
    """`now`: the portal's time."""
    return {"now": _portal_time(supervisor, 0)}


def advance_clock(supervisor: Supervisor, request: Request) -> Request:
    """Moves the portal's and AWS's time ahead by `seconds`; leases and seals keep the bare clock."""
    seconds = number(request, "seconds", most=LONGEST_STEP)
    cloud = cloud_of(supervisor)
    ahead = cloud.control("clock")["offset_seconds"] + seconds
    now = _portal_time(supervisor, seconds)
    cloud.control("clock", {"offset_seconds": ahead})
    return {"now": now}


def _portal_time(supervisor: Supervisor, ahead: int) -> str:
    """The portal's time, moved ahead by so many seconds, as ISO 8601. The owner alone may write it."""
    with psycopg.connect(supervisor.addresses["MIGRATE_DATABASE_URL"], connect_timeout=5) as connection:
        if ahead:
            connection.execute(ADVANCE, [ahead])
        row = connection.execute("SELECT meshmarket_now()").fetchone()
    assert row is not None
    found: str = row[0].isoformat()
    return found


def cloud_of(supervisor: Supervisor) -> Cloud:
    return Cloud(supervisor.aws_port, supervisor.folder.path / "aws")


def governor_of(supervisor: Supervisor) -> Visitor:
    return Visitor(supervisor.url, GOVERNANCE_ADMIN, supervisor.folder.secret(PASSWORD))


def named(supervisor: Supervisor, request: Request) -> tuple[str, str, str]:
    """Database, table and the catalog's short name, from `table_id` or from their names."""
    if "table_id" in request:
        table = governor_of(supervisor).get(f"tables/{number(request, 'table_id')}/")["table"]
        return table["database"], table["name"], table["catalog"]
    database, table = str(request.get("database", "")), str(request.get("table", ""))
    if not re.fullmatch(r"\w+", database) or not re.fullmatch(r"\w+", table):
        raise OperationError("name a database and a table")
    return database, table, str(request.get("catalog", "gov"))


def place_of(catalog: str) -> tuple[str, str]:
    """Account and region of a connected catalog of the demo."""
    try:
        return CATALOGS[catalog]
    except KeyError:
        raise OperationError(f"there is no catalog {catalog!r}") from None


def kept_file(supervisor: Supervisor, database: str, table: str) -> Path:
    return supervisor.folder.path / "dropped" / f"{database}.{table}.json"


def number(request: Request, name: str, most: int = 2**31) -> int:
    value = request.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise OperationError(f"{name} is a number from 1 to {most}")
    return value


def said(error: ClientError) -> str:
    found = error.response["Error"]
    return f"{found['Code']}: {found['Message']}"


def worded(error: Exception) -> str:
    """What did not work, without the words of drivers: these stand in the log."""
    if isinstance(error, psycopg.OperationalError):
        return "the database does not answer just now; try again in a moment"
    if isinstance(error, psycopg.Error):
        return "the database refused this; nothing was changed"
    if isinstance(error, BotoCoreError):
        return "the pretend AWS does not answer just now; try again in a moment"
    return "the portal does not answer just now; try again in a moment"


def told(operation: Callable[[Supervisor, Request], Request]) -> Callable[[Supervisor, Request], Request]:
    """The operation with what AWS, the site or the database refuse as an OperationError."""

    def run(supervisor: Supervisor, request: Request) -> Request:
        try:
            return operation(supervisor, request)
        except ClientError as error:
            raise OperationError(said(error)) from error
        except UnmetError as error:
            raise OperationError(str(error)) from error
        except (BotoCoreError, OSError, http.client.HTTPException, psycopg.Error) as error:
            logger.warning("%s failed", operation.__name__, exc_info=True)
            raise OperationError(worded(error)) from error

    return run


def offer() -> None:
    """Adds them to what the socket of this process answers."""
    known = [principals, query, revoke_behind, drop_table, recreate_table]
    known += [throttle, outage, calm, clock, advance_clock]
    OPERATIONS.update({operation.__name__: told(operation) for operation in known})
