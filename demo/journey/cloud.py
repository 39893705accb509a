"""AWS as the verdict sees it: boto3 with credentials of an account's root or of a role that root assumed.

Only the control API is the pretend AWS's own: it hands out root's keys, tells what the oracle thinks, and
makes trouble on request.
"""

import http.client
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from demo.bank.accounts import GOVERNANCE, REGION
from demo.embedded.ports import HOST
from demo.embedded.waits import wait_for_change
from demo.journey.steps import StepFailedError
from workers.aws.errors import ErrorKind, build_error

RETRY_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
ENDED_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
_boto = threading.Lock()
"""boto3's session is not safe to make clients from in several threads."""


@dataclass(frozen=True)
class QueryResult:
    """How a query ended; `rows` hold text or None, without the row of names."""

    state: str
    reason: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()

    @property
    def is_refused(self) -> bool:
        return self.state == "FAILED"


@dataclass(frozen=True)
class Credentials:
    """Credentials, as clients take them."""

    access_key: str
    secret_key: str
    token: str | None


class Cloud:
    """The pretend AWS on `port`, with its state in `folder`."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._folder = folder
        self._session = boto3.Session()

    def control(self, path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
        """The control API's JSON; StepFailedError with its reason."""
        token = (self._folder / "control-token").read_text().strip()
        connection = http.client.HTTPConnection(HOST, self._port, timeout=120)
        try:
            data = json.dumps(body) if body is not None else None
            verb = method or ("POST" if data else "GET")
            connection.request(verb, f"/_mocklake/{path}", data, {"X-Mocklake-Token": token})
            answer = connection.getresponse()
            found = json.loads(answer.read() or b"null")
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise StepFailedError(f"the pretend AWS refused {path.partition('?')[0]}: {found}")
        return found

    def oracle(self, principal: str, database: str, table: str, column: str) -> tuple[bool, str]:
        """Whether the principal can read the column, and why, as someone thinks who has read only the rows."""
        asked = {"principal": principal, "catalog": GOVERNANCE, "region": REGION}
        asked |= {"database": database, "table": table, "column": column}
        found = self.control(f"oracle?{urlencode(asked)}")
        return found["allowed"], "; ".join(found["reasons"])

    def root(self, service: str, account: str, region: str = REGION) -> Any:
        """A client of that service as the account's root."""
        found = self.control(f"credentials?account={quote(account)}")
        keys = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found.get("SessionToken"))
        return self.client(service, keys, region)

    def assume(self, arn: str) -> "RoleSession":
        """The role's own session, assumed by the root of its account as its trust policy allows."""
        sts = self.root("sts", arn.split(":")[4])
        found = sts.assume_role(RoleArn=arn, RoleSessionName="verdict")["Credentials"]
        keys = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return RoleSession(arn, self, keys)

    def client(self, service: str, keys: Credentials, region: str = REGION) -> Any:
        """A boto3 client with these credentials."""
        with _boto:
            client = self._session.client(
                service,
                endpoint_url=f"http://{HOST}:{self._port}",
                region_name=region,
                aws_access_key_id=keys.access_key,
                aws_secret_access_key=keys.secret_key,
                aws_session_token=keys.token,
                config=Config(
                    connect_timeout=30,
                    read_timeout=120,
                    retries={"total_max_attempts": 8},
                    max_pool_connections=4,
                ),
            )
        client.meta.events.register("needs-retry", compute_retry_pause)
        return client


def compute_retry_pause(
    response: tuple[Any, dict[str, Any]] | None, attempts: int, **_event: Any
) -> float | None:
    """Seconds until a refusal that AWS asks to retry is tried again; None for every other answer.

    botocore itself retries throttling and lost connections, not that another change to the same resource was under way.
    """
    if response is None or "Error" not in response[1] or attempts > len(RETRY_PAUSES):
        return None
    kind = build_error(response[1]).kind
    return RETRY_PAUSES[attempts - 1] if kind in {ErrorKind.CONFLICT, ErrorKind.THROTTLED} else None


class RoleSession:
    """A role's session: asks Athena and S3 as anyone with this role would."""

    def __init__(self, arn: str, cloud: Cloud, keys: Credentials) -> None:
        self.arn = arn
        self._cloud = cloud
        self._keys = keys
        self._athena = cloud.client("athena", keys)

    def query(self, sql: str, database: str = "") -> QueryResult:
        """How the query ended: rows, or Athena's reason. ClientError when it may not even be asked."""
        context = {"Database": database} if database else {}
        asked = self._athena.start_query_execution(
            QueryString=sql, QueryExecutionContext=context, WorkGroup="primary"
        )
        found = {"QueryExecutionId": asked["QueryExecutionId"]}
        status = self._wait_for_query(found)
        if status["State"] != "SUCCEEDED":
            return QueryResult(status["State"], status.get("StateChangeReason", ""))
        rows = self._athena.get_query_results(**found)["ResultSet"]["Rows"]
        read = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in rows]
        return QueryResult("SUCCEEDED", "", tuple(str(name) for name in read[0]), tuple(read[1:]))

    def _wait_for_query(self, found: dict[str, str]) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            status: dict[str, Any] = self._athena.get_query_execution(**found)["QueryExecution"]["Status"]
            return status

        return wait_for_change(
            look, lambda status: status["State"] in ENDED_STATES, "Athena did not end the query", pause=0.02
        )

    def get_object_refusal(self, bucket: str, key: str) -> str:
        """S3's code for a refused read; StepFailedError when the object is handed out."""
        try:
            size = self._cloud.client("s3", self._keys).get_object(Bucket=bucket, Key=key)["ContentLength"]
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        raise StepFailedError(f"s3://{bucket}/{key} was handed out: {size} bytes")
