"""A lake with a bucket to write into, and an analyst who was granted nothing."""

from typing import Any

from mocklake.testing.athena_query import Answer, ask
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, PAIR, REGION

ANALYST = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/analyst"}
SALES = {"Database": {"Name": "sales"}}


class Lake:
    """`admin` may make databases and owns what it makes; `run` fails the test unless the statement succeeds."""

    def __init__(self) -> None:
        self.aws = InProcess(PAIR)
        here = {"LocationConstraint": REGION}
        self.s3.create_bucket(Bucket="made-here", CreateBucketConfiguration=here)
        self.run("CREATE DATABASE w LOCATION 's3://made-here/w/'")

    @property
    def s3(self) -> Any:
        return self.aws.client("s3", CENTRAL)

    @property
    def glue(self) -> Any:
        return self.aws.client("glue", CENTRAL)

    def ask(self, sql: str, who: str = "admin", database: str = "w") -> Answer:
        return ask(self.aws.client("athena", CENTRAL, who), sql, database)

    def run(self, *statements: str, who: str = "admin") -> list[list[str | None]]:
        """The rows of the last, without a heading for SELECT."""
        for sql in statements:
            answer = self.ask(sql, who)
            assert answer.state == "SUCCEEDED", f"{sql}: {answer.reason}"
        is_select = statements[-1].lstrip().upper().startswith("SELECT")
        return answer.rows[1:] if is_select else answer.rows

    def grant(self, resource: dict[str, Any], *permissions: str) -> None:
        lake = self.aws.client("lakeformation", CENTRAL, "admin")
        lake.grant_permissions(Principal=ANALYST, Resource=resource, Permissions=list(permissions))

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket="made-here", Prefix=prefix)
        return [one["Key"] for one in found.get("Contents", [])]
