"""What *Try to break it* has the supervisor do: ask as any role, go around the portal, hurt AWS, turn the clock.

`register_operations` adds them to the socket's. The supervisor acts as an account's root or as the role asked
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

from demo.bank.accounts import ACCOUNTS, CATALOG_PLACES, GOVERNANCE
from demo.journey import aws_state
from demo.journey.cloud import Cloud
from demo.journey.site_client import SiteClient
from demo.journey.steps import StepFailedError
from demo.journey.verdict_roles import GOVERNANCE_ADMIN
from demo.marketplace_setup import PASSWORD_SECRET
from demo.supervisor.control_socket import OPERATIONS, OperationError
from demo.supervisor.supervisor import Supervisor
from kernel.clock import ADVANCE_SQL

logger = logging.getLogger(__name__)
Request = dict[str, Any]
ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/[\w+=,.@/-]+")
MAX_CALLS, MAX_CLOCK_STEP, MAX_ROWS = 1000, 400 * 86_400, 1000
TABLE_INPUT_FIELDS = (
    "Name",
    "Description",
    "Owner",
    "TableType",
    "StorageDescriptor",
    "PartitionKeys",
    "Parameters",
)
"""Of a Glue table, what makes it anew."""


def principals(supervisor: Supervisor, _request: Request) -> Request:
    """`principals`: arn, name and account of every role that reads data."""
    cloud, found = get_cloud(supervisor), []
    for account in (one for one in ACCOUNTS if one.consumes):
        pages = cloud.root("iam", account.id).get_paginator("list_roles").paginate()
        names = {role["RoleName"]: role["Arn"] for page in pages for role in page["Roles"]}
        asking = [name for name in names if not name.startswith(("meshmarket-", "lakeformation-"))]
        found += [{"arn": names[name], "name": name, "account": account.title} for name in sorted(asking)]
    return {"principals": found}


def query(supervisor: Supervisor, request: Request) -> Request:
    """Runs `sql` in Athena as `principal_arn`: state, reason, columns, rows (of text or None)."""
    arn, sql = str(request.get("principal_arn", "")), str(request.get("sql", "")).strip()
    if not ROLE_ARN.fullmatch(arn):
        raise OperationError("choose a role")
    if not sql:
        raise OperationError("write a query")
    try:
        answer = get_cloud(supervisor).assume(arn).query(sql.rstrip(";"))
    except ClientError as error:
        return {"state": "FAILED", "reason": format_client_error(error), "columns": [], "rows": []}
    rows = answer.rows[:MAX_ROWS]
    return {"state": answer.state, "reason": answer.reason, "columns": answer.columns, "rows": rows}


def revoke_outside_portal(supervisor: Supervisor, request: Request) -> Request:
    """Removes the SELECT of the grant `grant_id` in AWS, as the catalog's account's root."""
    grant = sign_in_governor(supervisor).get(f"grants/{parse_number(request, 'grant_id')}")
    target, arn = grant["target"], grant["recipient"]["principal"]["id"]
    account, region = get_catalog_location(target["catalog"]["id"])
    database, table = target["database"]["name"], target["table"]["name"]
    removed = aws_state.revoke_select(
        get_cloud(supervisor), arn, database, table, account=account, region=region
    )
    return {"removed": removed, "principal": arn}


def drop_table(supervisor: Supervisor, request: Request) -> Request:
    """Drops a table (`table_id`, or `database` and `table`) in Glue; `recreate_table` makes it anew."""
    database, table, catalog = parse_table(supervisor, request)
    account, region = get_catalog_location(catalog)
    glue = get_cloud(supervisor).root("glue", account, region)
    found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    kept = {key: found[key] for key in TABLE_INPUT_FIELDS if key in found}
    file = get_dropped_table_file(supervisor, database, table)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text(json.dumps(kept))
    glue.delete_table(DatabaseName=database, Name=table)
    return {"dropped": f"{database}.{table}"}


def recreate_table(supervisor: Supervisor, request: Request) -> Request:
    """Makes a dropped table anew: same name and columns, another identity, no permissions."""
    database, table, catalog = parse_table(supervisor, request)
    file = get_dropped_table_file(supervisor, database, table)
    if not file.exists():
        raise OperationError(f"{database}.{table} was not dropped here")
    account, region = get_catalog_location(catalog)
    glue = get_cloud(supervisor).root("glue", account, region)
    glue.create_table(DatabaseName=database, TableInput=json.loads(file.read_text()))
    file.unlink()
    return {"recreated": f"{database}.{table}"}


def throttle(supervisor: Supervisor, request: Request) -> Request:
    """The next `calls` calls to Lake Formation in the governance account are told to slow down."""
    calls = parse_number(request, "calls", most=MAX_CALLS)
    fault = {"kind": "throttle", "service": "lakeformation", "account": GOVERNANCE, "count": calls}
    get_cloud(supervisor).control("faults", fault)
    return {"throttled": calls}


def outage(supervisor: Supervisor, _request: Request) -> Request:
    """Lake Formation fails every call until `clear_faults`."""
    fault = {
        "kind": "error",
        "service": "lakeformation",
        "code": "InternalServiceException",
        "rate": 1.0,
    }
    get_cloud(supervisor).control("faults", fault)
    return {"outage": True}


def clear_faults(supervisor: Supervisor, _request: Request) -> Request:
    """Ends throttling and outages."""
    get_cloud(supervisor).control("faults", method="DELETE")
    return {"outage": False}


def clock(supervisor: Supervisor, _request: Request) -> Request:
    """`now`: the portal's time."""
    return {"now": _advance_portal_time(supervisor, 0)}


def advance_clock(supervisor: Supervisor, request: Request) -> Request:
    """Moves the portal's and AWS's time ahead by `seconds`; leases and seals keep the bare clock."""
    seconds = parse_number(request, "seconds", most=MAX_CLOCK_STEP)
    cloud = get_cloud(supervisor)
    ahead = cloud.control("clock")["offset_seconds"] + seconds
    now = _advance_portal_time(supervisor, seconds)
    cloud.control("clock", {"offset_seconds": ahead})
    return {"now": now}


def _advance_portal_time(supervisor: Supervisor, ahead: int) -> str:
    """The portal's time, moved ahead by so many seconds, as ISO 8601. The owner alone may write it."""
    with psycopg.connect(supervisor.service_urls["MIGRATE_DATABASE_URL"], connect_timeout=5) as connection:
        if ahead:
            connection.execute(ADVANCE_SQL, [ahead])
        row = connection.execute("SELECT meshmarket_now()").fetchone()
    assert row is not None
    found: str = row[0].isoformat()
    return found


def get_cloud(supervisor: Supervisor) -> Cloud:
    return Cloud(supervisor.aws_port, supervisor.folder.path / "aws")


def sign_in_governor(supervisor: Supervisor) -> SiteClient:
    return SiteClient(supervisor.url, GOVERNANCE_ADMIN, supervisor.folder.get_secret(PASSWORD_SECRET))


def parse_table(supervisor: Supervisor, request: Request) -> tuple[str, str, str]:
    """Database, table and the catalog's short name, from `table_id` or from their names."""
    if "table_id" in request:
        table = sign_in_governor(supervisor).get(f"tables/{parse_number(request, 'table_id')}")
        return table["database"]["name"], table["name"], table["catalog"]["id"]
    database, table = str(request.get("database", "")), str(request.get("table", ""))
    if not re.fullmatch(r"\w+", database) or not re.fullmatch(r"\w+", table):
        raise OperationError("name a database and a table")
    return database, table, str(request.get("catalog", "gov"))


def get_catalog_location(catalog: str) -> tuple[str, str]:
    """Account and region of a connected catalog of the demo."""
    try:
        return CATALOG_PLACES[catalog]
    except KeyError:
        raise OperationError(f"there is no catalog {catalog!r}") from None


def get_dropped_table_file(supervisor: Supervisor, database: str, table: str) -> Path:
    return supervisor.folder.path / "dropped" / f"{database}.{table}.json"


def parse_number(request: Request, name: str, most: int = 2**31) -> int:
    value = request.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise OperationError(f"{name} is a number from 1 to {most}")
    return value


def format_client_error(error: ClientError) -> str:
    found = error.response["Error"]
    return f"{found['Code']}: {found['Message']}"


def format_error(error: Exception) -> str:
    """What did not work, without the words of drivers: these stand in the log."""
    if isinstance(error, psycopg.OperationalError):
        return "the database does not answer just now; try again in a moment"
    if isinstance(error, psycopg.Error):
        return "the database refused this; nothing was changed"
    if isinstance(error, BotoCoreError):
        return "the pretend AWS does not answer just now; try again in a moment"
    return "the portal does not answer just now; try again in a moment"


def with_operation_errors(
    operation: Callable[[Supervisor, Request], Request],
) -> Callable[[Supervisor, Request], Request]:
    """The operation with what AWS, the site or the database refuse as an OperationError."""

    def run(supervisor: Supervisor, request: Request) -> Request:
        try:
            return operation(supervisor, request)
        except ClientError as error:
            raise OperationError(format_client_error(error)) from error
        except StepFailedError as error:
            raise OperationError(str(error)) from error
        except (BotoCoreError, OSError, http.client.HTTPException, psycopg.Error) as error:
            logger.warning("%s failed", operation.__name__, exc_info=True)
            raise OperationError(format_error(error)) from error

    return run


def register_operations() -> None:
    """Adds them to what the socket of this process answers."""
    known = [principals, query, revoke_outside_portal, drop_table, recreate_table]
    known += [throttle, outage, clear_faults, clock, advance_clock]
    OPERATIONS.update({operation.__name__: with_operation_errors(operation) for operation in known})
