"""The AWS CLI: a table is shared from one account with another, read there, and taken back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from mocklake.clients.checks.assertions import credentials, equal, holds

OWNER, READER = "100000000001", "100000000002"
ANALYST = f"arn:aws:iam::{READER}:role/analyst"
TABLE = {"Table": {"CatalogId": OWNER, "DatabaseName": "sales", "Name": "orders"}}
KEYS = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
}


def _call(account: str, role: str, *words: str) -> tuple[Any, str]:
    """What it printed, and its error."""
    keys = {KEYS[name]: value for name, value in credentials(account, role).items() if name in KEYS and value}
    kept = {name: value for name, value in os.environ.items() if name != "AWS_SESSION_TOKEN"}
    program = str(Path(sys.executable).with_name("aws"))
    done = subprocess.run(
        [program, *words], check=False, capture_output=True, text=True, env={**kept, **keys}
    )
    return (json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout), done.stderr


def _succeed(account: str, role: str, *words: str) -> Any:
    answer, error = _call(account, role, *words)
    holds(not error, error.strip())
    return answer


def _refuse(code: str, account: str, role: str, *words: str) -> None:
    _, error = _call(account, role, *words)
    holds(f"({code})" in error, f"not {code}: {error.strip()}")


def _change(verb: str, principal: str, resource: dict[str, Any], *permissions: str) -> tuple[str, ...]:
    grantee = f"DataLakePrincipalIdentifier={principal}"
    return (
        "lakeformation",
        verb,
        "--principal",
        grantee,
        "--resource",
        json.dumps(resource),
        "--permissions",
        *permissions,
    )


def tell_who_calls() -> None:
    equal(_succeed(OWNER, "engineer", "sts", "get-caller-identity")["Account"], OWNER)


def assume_role() -> None:
    words = (
        "sts",
        "assume-role",
        "--role-arn",
        f"arn:aws:iam::{OWNER}:role/engineer",
        "--role-session-name",
        "cli",
    )
    holds(_succeed(OWNER, "engineer", *words)["Credentials"]["SessionToken"])


def refuse_role_that_does_not_trust() -> None:
    words = (
        "sts",
        "assume-role",
        "--role-arn",
        f"arn:aws:iam::{OWNER}:role/engineer",
        "--role-session-name",
        "cli",
    )
    _refuse("AccessDenied", READER, "analyst", *words)


def list_tables_of_owner() -> None:
    words = ("glue", "get-tables", "--database-name", "sales", "--query", "TableList[].Name")
    equal(_succeed(OWNER, "engineer", *words), ["orders"])


def refuse_table_before_share() -> None:
    words = ("glue", "get-table", "--catalog-id", OWNER, "--database-name", "sales", "--name", "orders")
    _refuse("AccessDeniedException", READER, "analyst", *words)


def share_with_account() -> None:
    words = _change("grant-permissions", READER, TABLE, "SELECT", "DESCRIBE")
    _succeed(OWNER, "engineer", *words, "--permissions-with-grant-option", "SELECT", "DESCRIBE")


def list_permissions() -> None:
    found = _succeed(OWNER, "engineer", "lakeformation", "list-permissions", "--resource", json.dumps(TABLE))
    holds(
        READER
        in {
            permission["Principal"]["DataLakePrincipalIdentifier"]
            for permission in found["PrincipalResourcePermissions"]
        }
    )


def see_share_of_owner() -> None:
    found = _succeed(OWNER, "engineer", "ram", "get-resource-shares", "--resource-owner", "SELF")
    equal([resource_share["status"] for resource_share in found["resourceShares"]], ["ACTIVE"])


def accept_invitation() -> None:
    found = _succeed(READER, "engineer", "ram", "get-resource-share-invitations")
    arn = found["resourceShareInvitations"][0]["resourceShareInvitationArn"]
    words = ("ram", "accept-resource-share-invitation", "--resource-share-invitation-arn", arn)
    equal(_succeed(READER, "engineer", *words)["resourceShareInvitation"]["status"], "ACCEPTED")


def see_resources_of_share() -> None:
    found = _succeed(READER, "engineer", "ram", "list-resources", "--resource-owner", "OTHER-ACCOUNTS")
    holds(
        f"arn:aws:glue:eu-west-1:{OWNER}:table/sales/orders"
        in {resource["arn"] for resource in found["resources"]}
    )


def see_table_of_share() -> None:
    words = ("glue", "get-table", "--catalog-id", OWNER, "--database-name", "sales", "--name", "orders")
    equal(_succeed(READER, "engineer", *words)["Table"]["Name"], "orders")


def create_link() -> None:
    _succeed(READER, "engineer", "glue", "create-database", "--database-input", '{"Name": "linked"}')
    target = {
        "Name": "orders",
        "TargetTable": {"CatalogId": OWNER, "DatabaseName": "sales", "Name": "orders"},
    }
    words = ("glue", "create-table", "--database-name", "linked", "--table-input", json.dumps(target))
    _succeed(READER, "engineer", *words)


def pass_on_to_role() -> None:
    _succeed(READER, "engineer", *_change("grant-permissions", ANALYST, TABLE, "SELECT", "DESCRIBE"))
    link = {"Table": {"DatabaseName": "linked", "Name": "orders"}}
    _succeed(READER, "engineer", *_change("grant-permissions", ANALYST, link, "DESCRIBE"))


def query_as_role() -> None:
    sql = "SELECT count(*) AS sold FROM linked.orders"
    output = "OutputLocation=s3://reader-results/"
    words = ("athena", "start-query-execution", "--query-string", sql, "--result-configuration", output)
    query = _succeed(READER, "analyst", *words)["QueryExecutionId"]
    for _ in range(50):
        status = _succeed(READER, "analyst", "athena", "get-query-execution", "--query-execution-id", query)
        if status["QueryExecution"]["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
    words = (
        "athena",
        "get-query-results",
        "--query-execution-id",
        query,
        "--query",
        "ResultSet.Rows[1].Data[0]",
    )
    equal(_succeed(READER, "analyst", *words), {"VarCharValue": "3"})


def refuse_write_of_reader() -> None:
    words = ("glue", "delete-table", "--catalog-id", OWNER, "--database-name", "sales", "--name", "orders")
    _refuse("AccessDeniedException", READER, "engineer", *words)


def take_back() -> None:
    words = _change("revoke-permissions", READER, TABLE, "SELECT", "DESCRIBE")
    _succeed(OWNER, "engineer", *words, "--permissions-with-grant-option", "SELECT", "DESCRIBE")
    seen = ("glue", "get-table", "--catalog-id", OWNER, "--database-name", "sales", "--name", "orders")
    _refuse("AccessDeniedException", READER, "analyst", *seen)


def copy_and_list_objects() -> None:
    Path("one.txt").write_text("bread")
    _succeed(OWNER, "engineer", "s3", "cp", "--only-show-errors", "one.txt", "s3://owner-lake/files/one.txt")
    holds("one.txt" in _succeed(OWNER, "engineer", "s3", "ls", "s3://owner-lake/files/"))
    _succeed(OWNER, "engineer", "s3", "rm", "--only-show-errors", "--recursive", "s3://owner-lake/files/")


def presign_object() -> None:
    address = _succeed(OWNER, "engineer", "s3", "presign", "s3://owner-lake/readme.txt").strip()
    with urlopen(address) as answer:  # noqa: S310
        equal(answer.read(), b"Bread.")
