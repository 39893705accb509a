"""Makes the bank: accounts, roles, buckets with rows, catalog, Lake Formation settings, LF-Tags.

Catalog and permissions go through the same operations that a client would call, as each account's root.
"""

import json
from datetime import timedelta
from typing import Any

from demo.bank import lf_tags
from demo.bank.accounts import (
    ACCOUNTS,
    DATA_ACCESS_ROLE,
    EXECUTOR_ROLE,
    GOVERNANCE,
    INSURANCE,
    OBSERVER_ROLE,
    REGION,
    REINSURANCE_REGION,
)
from demo.bank.catalog import DATABASES, UNREGISTERED_DATABASES
from demo.bank.definitions import Column, Database, Table
from demo.bank.iam_roles import create_roles, get_results_bucket
from demo.bank.parquet_rows import ParquetWriter
from demo.bank.quality import put_column_statistics, put_quality_results
from mocklake.seeding import World, as_root, bucket, put_object, role, role_arn

CROSS_ACCOUNT_VERSION = "4"
IAM_ONLY_TABLE = ("retail_banking_silver", "branch_visits")
"""The one table on which IAMAllowedPrincipals was forgotten."""
MAX_SCANNED_BYTES = 1_073_741_824
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
CRAWLER = "disaster-deliveries"
CRAWLER_ROLE = "insurance-table-crawler"
CRAWLED_DATABASE = "insurance_deliveries"
BUCKET, FOLDER = "harbour-insurance-gold", "deliveries"
HAIL = "event_id,region,hailed_on,largest_stone_mm,claims\nHAIL-1,Zealand,2026-05-14,41,212\nHAIL-2,Jutland,2026-06-02,28,97\n"
FLOODS = (
    {"zone_id": "FZ-01", "river": "Gudena", "return_period_years": 20, "insured_sum": 1250000.5},
    {"zone_id": "FZ-02", "river": "Skjern", "return_period_years": 100, "insured_sum": 830000.0},
)
USUAL = timedelta(hours=3)
WRITTEN_BEFORE = {
    "insurance_bronze.claims_raw": timedelta(minutes=50),
    "insurance_silver.claims_clean": timedelta(minutes=45),
    "insurance_gold.claims": timedelta(hours=6),
}
"""The job that settles claims has failed for hours, and Claims is promised to be two hours old at most."""


def apply(world: World) -> None:
    world.accounts.update({account.id: account.title for account in ACCOUNTS})
    world.organisation.update(account.id for account in ACCOUNTS if account.in_organisation)
    world.switches.managed_query_results = True
    create_roles(world)
    for account in ACCOUNTS:
        if account.consumes:
            bucket(account.id, get_results_bucket(account), REGION)
            _limit_scans(world, account.id)
    for region in (REGION, REINSURANCE_REGION):
        _put_settings(world, region)
    for catalog in sorted({(database.catalog, database.region) for database in DATABASES}):
        _create_tags(world, *catalog)
    writer = ParquetWriter()
    for database in DATABASES:
        _create_database(world, database, writer)
    writer.close()
    create_crawler(world)
    put_quality_results(world)
    _open_table_to_iam(world)


def _limit_scans(world: World, account: str) -> None:
    """Limits each query in the account's workgroup."""
    limit = {"BytesScannedCutoffPerQuery": MAX_SCANNED_BYTES}
    as_root(
        world, account, REGION, "athena", "UpdateWorkGroup", WorkGroup="primary", ConfigurationUpdates=limit
    )


def _call_lake_formation(
    world: World, account: str, region: str, operation: str, **parameters: Any
) -> dict[str, Any]:
    return as_root(world, account, region, "lakeformation", operation, **parameters)


def _put_settings(world: World, region: str) -> None:
    granting = {(database.catalog, database.region) for database in DATABASES}
    for account in ACCOUNTS:
        executor = {"DataLakePrincipalIdentifier": role_arn(account.id, EXECUTOR_ROLE)}
        grants_here = (account.id, region) in granting
        _call_lake_formation(
            world, account.id, region, "PutDataLakeSettings",
            DataLakeSettings={
                "DataLakeAdmins": [executor] if grants_here or account.passes_on_grants else [],
                "ReadOnlyAdmins": [{"DataLakePrincipalIdentifier": role_arn(account.id, OBSERVER_ROLE)}],
                "CreateDatabaseDefaultPermissions": [],
                "CreateTableDefaultPermissions": [],
                "Parameters": {"CROSS_ACCOUNT_VERSION": CROSS_ACCOUNT_VERSION},
                "AllowFullTableExternalDataAccess": grants_here,
            },
        )  # fmt: skip
        if not grants_here:
            _call_lake_formation(
                world, account.id, region, "GrantPermissions",
                Principal=executor, Resource={"Catalog": {}}, Permissions=["CREATE_DATABASE"],
            )  # fmt: skip


def _create_tags(world: World, account: str, region: str) -> None:
    for tag, values in lf_tags.TAG_VALUES.items():
        _call_lake_formation(world, account, region, "CreateLFTag", TagKey=tag, TagValues=list(values))


def _create_database(world: World, database: Database, writer: ParquetWriter) -> None:
    _create_bucket(database)
    location = f"s3://{database.bucket}/"
    inputs = {
        "Name": database.name,
        "Description": database.comment,
        "LocationUri": location,
        "Parameters": {
            "domain": database.domain, "tier": database.tier,
            "producer_account": database.producer, "owner": database.owner,
        },
        "CreateTableDefaultPermissions": [],
    }  # fmt: skip
    catalog = (world, database.catalog, database.region, "glue")
    as_root(*catalog, "CreateDatabase", DatabaseInput=inputs)
    _assign_tags(world, database, {"Database": {"Name": database.name}}, lf_tags.get_database_tags(database))
    for table in database.tables:
        as_root(*catalog, "CreateTable", DatabaseName=database.name, TableInput=_table_input(database, table))
        _assign_table_tags(world, database, table)
        key = f"{table.name}/part-00000.parquet"
        at = world.now() - get_age(database.name, table.name)
        file = writer.write_table(table)
        put_object(database.producer, database.bucket, key, file, at=at)
        if database.tier == "gold":
            put_column_statistics(world, database, table, writer)
    if database.name not in UNREGISTERED_DATABASES:
        _call_lake_formation(
            world, database.catalog, database.region, "RegisterResource",
            ResourceArn=f"arn:aws:s3:::{database.bucket}", RoleArn=role_arn(database.catalog, DATA_ACCESS_ROLE),
        )  # fmt: skip


def _create_bucket(database: Database) -> None:
    arn = f"arn:aws:s3:::{database.bucket}"
    rule = {
        "Effect": "Allow",
        "Principal": {"AWS": role_arn(database.catalog, DATA_ACCESS_ROLE)},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [arn, f"{arn}/*"],
    }
    observer = {"AWS": role_arn(database.catalog, OBSERVER_ROLE)}
    times = {"Effect": "Allow", "Principal": observer, "Action": "s3:ListBucket", "Resource": arn}
    metadata = {**times, "Action": "s3:GetObject", "Resource": f"{arn}/*/metadata/*.metadata.json"}
    policy = {"Version": "2012-10-17", "Statement": [rule, times, metadata]}
    bucket(database.producer, database.bucket, database.region, policy=policy)


def _table_input(database: Database, table: Table) -> dict[str, Any]:
    return {
        "Name": table.name,
        "Description": table.comment,
        "Owner": table.owner or database.owner,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": [_glue_column(column) for column in table.columns],
            "Location": f"s3://{database.bucket}/{table.name}/",
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
        },
        "PartitionKeys": [_glue_column(table.partition)] if table.partition else [],
        "Parameters": {
            "classification": "parquet", "recordCount": str(table.row_count),
            "domain": database.domain, "tier": database.tier, "update_frequency": "monthly",
        },
    }  # fmt: skip


def _glue_column(column: Column) -> dict[str, str]:
    return {"Name": column.name, "Type": column.type, "Comment": column.comment}


def _assign_table_tags(world: World, database: Database, table: Table) -> None:
    _assign_tags(
        world,
        database,
        {"Table": {"DatabaseName": database.name, "Name": table.name}},
        lf_tags.get_table_tags(table),
    )
    for confidentiality, names in lf_tags.get_columns_by_confidentiality(table).items():
        columns = {"DatabaseName": database.name, "Name": table.name, "ColumnNames": names}
        _assign_tags(world, database, {"TableWithColumns": columns}, {"confidentiality": confidentiality})


def _assign_tags(world: World, database: Database, resource: dict[str, Any], wanted: dict[str, str]) -> None:
    if wanted:
        pairs = [{"TagKey": name, "TagValues": [value]} for name, value in wanted.items()]
        _call_lake_formation(
            world, database.catalog, database.region, "AddLFTagsToResource", Resource=resource, LFTags=pairs
        )


def _open_table_to_iam(world: World) -> None:
    database, table = IAM_ONLY_TABLE
    _call_lake_formation(
        world, GOVERNANCE, REGION, "GrantPermissions",
        Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        Resource={"Table": {"DatabaseName": database, "Name": table}}, Permissions=["ALL"],
    )  # fmt: skip


def create_crawler(world: World) -> None:
    """Nobody has run it yet: the database has no tables."""
    arn = f"arn:aws:s3:::{BUCKET}"
    rules = [
        {"Effect": "Allow", "Action": ["glue:*", "lakeformation:GetDataAccess"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [arn, f"{arn}/*"]},
    ]
    trusts = {
        "Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole",
    }  # fmt: skip
    crawler_role = role(
        world, INSURANCE, CRAWLER_ROLE, trust={"Version": "2012-10-17", "Statement": [trusts]},
        policy={"Version": "2012-10-17", "Statement": rules}, description="Insurance: crawls deliveries",
    )  # fmt: skip
    put_object(INSURANCE, BUCKET, f"{FOLDER}/hail_events/2026.csv", HAIL.encode())
    floods = "\n".join(json.dumps(one) for one in FLOODS)
    put_object(INSURANCE, BUCKET, f"{FOLDER}/flood_zones/zones.json", floods.encode())
    place = (world, INSURANCE, REINSURANCE_REGION)
    as_root(
        *place, "glue", "CreateDatabase",
        DatabaseInput={"Name": CRAWLED_DATABASE, "CreateTableDefaultPermissions": []},
    )  # fmt: skip
    as_root(
        *place, "lakeformation", "GrantPermissions",
        Principal={"DataLakePrincipalIdentifier": crawler_role},
        Resource={"Database": {"Name": CRAWLED_DATABASE}}, Permissions=["CREATE_TABLE", "DESCRIBE"],
    )  # fmt: skip
    as_root(
        *place, "glue", "CreateCrawler", Name=CRAWLER, Role=crawler_role, DatabaseName=CRAWLED_DATABASE,
        Targets={"S3Targets": [{"Path": f"s3://{BUCKET}/{FOLDER}/"}]},
    )  # fmt: skip


def get_age(database: str, table: str) -> timedelta:
    return WRITTEN_BEFORE.get(f"{database}.{table}", USUAL)
