"""The small world of the histories: an owner, a receiver of its organisation, a guest outside, three tables."""

import json
from typing import Any

OWNER, RECEIVER, GUEST = "111111111111", "222222222222", "333333333333"
ORGANISATION = f"arn:aws:organizations::{OWNER}:organization/o-histories00"
REGION = "eu-central-1"
EVERYONE = "IAM_ALLOWED_PRINCIPALS"
TABLES = (("sales", "orders"), ("sales", "returns"), ("stock", "levels"))
COLUMNS = ("id", "email", "amount", "country")
PARTITION_KEY = "day"
ROWS: tuple[dict[str, Any], ...] = (
    {"id": 1, "email": "ada@x.example", "amount": 5, "country": "DE", "day": "2026-01-01"},
    {"id": 2, "email": "bob@x.example", "amount": 15, "country": "FR", "day": "2026-01-01"},
    {"id": 3, "email": None, "amount": 25, "country": "DE", "day": "2026-01-02"},
    {"id": 4, "email": "dan@x.example", "amount": None, "country": None, "day": "2026-01-03"},
)
TAGS = {"team": ("blue", "red"), "tier": ("open", "shut")}
FILTERS = ("few", "some")
LINKS = {"sales": "l_sales", "stock": "l_stock"}
ROLES = {
    OWNER: ("admin", "analyst", "clerk"),
    RECEIVER: ("admin", "analyst", "clerk"),
    GUEST: ("admin", "analyst"),
}
LAKE, HYBRID = "arn:aws:s3:::lake", "arn:aws:s3:::lake/stock"


def arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


READERS = tuple((account, name) for account, names in ROLES.items() for name in names)


def table_input(table: str, database: str, columns: tuple[str, ...] = COLUMNS) -> dict[str, Any]:
    types = {"id": "int", "amount": "int"}
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Name": table,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": types.get(column, "string")} for column in columns],
            "Location": f"s3://lake/{database}/{table}/",
            "InputFormat": f"{parquet}.MapredParquetInputFormat",
            "OutputFormat": f"{parquet}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{parquet}.serde.ParquetHiveSerDe"},
        },
        "PartitionKeys": [{"Name": PARTITION_KEY, "Type": "date"}],
        "Parameters": {"classification": "parquet"},
    }


def text() -> str:
    """The mesh as a seed, which JSON is too."""
    readers = [arn(*one) for one in READERS] + [arn(OWNER, "data-access")]
    roles = [
        {
            "account": account,
            "name": name,
            "trusts": [account],
            "allows": ["glue:*", "lakeformation:*", "athena:*", "ram:*", "s3:*"],
        }
        for account, name in READERS
    ]
    serving = {
        "account": OWNER, "name": "data-access", "trusts": ["lakeformation.amazonaws.com"], "allows": ["s3:GetObject", "s3:ListBucket"],
    }  # fmt: skip
    names = {OWNER: "owner", RECEIVER: "receiver", GUEST: "guest"}
    return json.dumps(
        {
            "switches": {"managed_query_results": True},
            "organisation": [OWNER, RECEIVER],
            "accounts": [
                {"id": account, "name": names[account], "administrators": ["admin"]} for account in ROLES
            ],
            "roles": [*roles, serving],
            "buckets": [{"account": OWNER, "name": "lake", "region": REGION, "readers": readers}],
            "catalogs": [_owners(), *(_receivers(account) for account in (RECEIVER, GUEST))],
        }
    )


def _owners() -> dict[str, Any]:
    databases = [
        {"name": name, "tables": [_table(name, table) for database, table in TABLES if database == name]}
        for name in LINKS
    ]
    return {
        "account": OWNER,
        "region": REGION,
        "tags": {key: list(values) for key, values in TAGS.items()},
        "expressions": {"named": {"team": ["blue"]}},
        "locations": [
            {"arn": LAKE, "role": "data-access"},
            {"arn": HYBRID, "role": "data-access", "hybrid": True},
        ],
        "databases": databases,
        "grants": [_opened(account, *place) for account in (RECEIVER, GUEST) for place in TABLES[::2]],
    }


def _opened(account: str, database: str, table: str) -> dict[str, Any]:
    """What the owner lets an account pass on from the beginning."""
    return {
        "principal": account,
        "resource": {"Table": {"DatabaseName": database, "Name": table}},
        "permissions": ["SELECT", "DESCRIBE"],
        "with_grant_option": ["SELECT", "DESCRIBE"],
    }


def _table(database: str, name: str) -> dict[str, Any]:
    described = table_input(name, database)
    columns = described["StorageDescriptor"]["Columns"]
    return {
        "name": name,
        "location": f"s3://lake/{database}/{name}/",
        "columns": [{"name": column["Name"], "type": column["Type"]} for column in columns],
        "partition_keys": [{"name": PARTITION_KEY, "type": "date"}],
        "sql": " UNION ALL ".join(f"SELECT {_literals(row)}" for row in ROWS),
    }


def _literals(row: dict[str, Any]) -> str:
    shown = {None: "NULL"}
    return ", ".join(f"{shown.get(value, repr(value))} AS {name}" for name, value in row.items())


def _receivers(account: str) -> dict[str, Any]:
    """Its links are open to its own people, so that what is behind them decides."""
    links = [
        {"name": link, "target": {"CatalogId": OWNER, "DatabaseName": name}} for name, link in LINKS.items()
    ]
    grants = [
        {
            "principal": arn(account, role),
            "resource": {"Database": {"Name": link}},
            "permissions": ["DESCRIBE"],
        }
        for role in ROLES[account]
        for link in LINKS.values()
    ]
    accepts = [OWNER] if account == GUEST else []
    return {"account": account, "region": REGION, "accepts": accepts, "links": links, "grants": grants}
