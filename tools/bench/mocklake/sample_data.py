"""What the bench of mocklake puts into a server: tables of twenty columns, and grants on them."""

from collections.abc import Iterable
from typing import Any

from tools.bench.harness.signed_calls import ACCOUNT, OTHER_ACCOUNT, REGION, SignedClient

COLUMNS_PER_TABLE = 20
TABLES_PER_DATABASE = 100
"""In each database: one page."""
MAX_BATCH_ENTRIES = 20
"""The most entries that AWS takes in a batch."""
TABLES_WITH_GRANTS = 1_000
READERS = 64
"""Roles with grants: enough for 64,000."""


def build_mesh_yaml(databases: int) -> str:
    """A mesh of so many databases of a hundred tables each."""
    columns = "".join(
        f"              - {{name: {column['Name']}, comment: {column['Comment']}}}\n"
        for column in _build_columns()
    )
    roles = ", ".join(f'{{account: "{OTHER_ACCOUNT}", name: reader-{number}}}' for number in range(READERS))
    return f"""
roles: [{roles}]
accounts: [{{id: "{ACCOUNT}", name: one}}, {{id: "{OTHER_ACCOUNT}", name: other}}]
organisation: ["{ACCOUNT}", "{OTHER_ACCOUNT}"]
catalogs:
  - account: "{ACCOUNT}"
    region: {REGION}
    databases:
      - name: "db_{{number}}"
        times: {databases}
        tables:
          - name: "t_{{number}}"
            times: {TABLES_PER_DATABASE}
            location: "s3://lake/{{database}}/t_{{number}}/"
            columns:
{columns}"""


def create_tables(caller: SignedClient, databases: int) -> None:
    """The same by calls, for a server without seeds."""
    for database in range(1, databases + 1):
        caller.glue("CreateDatabase", DatabaseInput={"Name": f"db_{database}"})
        for table in range(1, TABLES_PER_DATABASE + 1):
            made = {
                "Name": f"t_{table}",
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {
                    "Columns": _build_columns(),
                    "Location": f"s3://lake/db_{database}/t_{table}/",
                },
                "PartitionKeys": [],
                "Parameters": {"classification": "parquet"},
            }
            caller.glue("CreateTable", DatabaseName=f"db_{database}", TableInput=made)


def _build_columns() -> list[dict[str, str]]:
    return [
        {"Name": f"column_{number}", "Type": "string", "Comment": f"What column {number} of the table says"}
        for number in range(COLUMNS_PER_TABLE)
    ]


def build_grant(number: int) -> dict[str, Any]:
    """The members of a grant; each number is another role or another table."""
    role, table = divmod(number, TABLES_WITH_GRANTS)
    database, table = divmod(table, TABLES_PER_DATABASE)
    who = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader-{role}"
    return {
        "Principal": {"DataLakePrincipalIdentifier": who},
        "Resource": {"Table": {"DatabaseName": f"db_{database + 1}", "Name": f"t_{table + 1}"}},
        "Permissions": ["SELECT", "DESCRIBE"],
    }


def send_grants(caller: SignedClient, numbers: Iterable[int]) -> None:
    """One call for each."""
    for number in numbers:
        caller.lakeformation("GrantPermissions", **build_grant(number))


def fill_grants(caller: SignedClient, count: int) -> None:
    """The first so many grants, by batches."""
    for first in range(0, count, MAX_BATCH_ENTRIES):
        entries = [
            {"Id": str(number), **build_grant(number)}
            for number in range(first, min(first + MAX_BATCH_ENTRIES, count))
        ]
        caller.lakeformation("BatchGrantPermissions", Entries=entries)
