"""The bank as it begins: accounts, roles, catalog, tags, settings, objects."""

from typing import Any

import pytest

from demo.bank import accounts, catalog, definitions, world
from demo.bank.accounts import BI, GOVERNANCE, INSURANCE, PARTNER
from mocklake.testing.server import Cloud

EXECUTOR = "meshmarket-executor"
OBSERVER = "meshmarket-observer"


def _settings(cloud: Cloud, account: str, region: str = accounts.REGION) -> Any:
    lake = cloud.client("lakeformation", account, region=region)
    return lake.get_data_lake_settings()["DataLakeSettings"]


def _names(principals: list[dict[str, str]]) -> list[str]:
    return [one["DataLakePrincipalIdentifier"].rsplit("/", 1)[1] for one in principals]


def _listed(glue: Any, operation: str, key: str, **asked: str) -> list[str]:
    pages = glue.get_paginator(operation).paginate(**asked)
    return [one["Name"] for page in pages for one in page[key]]


def _columns(table: dict[str, Any]) -> list[str]:
    return [one["Name"] for one in table["StorageDescriptor"]["Columns"]]


def test_there_are_eleven_accounts_and_one_is_outside_the_organisation() -> None:
    assert len({account.id for account in accounts.ACCOUNTS}) == 11
    assert [account.id for account in accounts.ACCOUNTS if not account.in_organisation] == [PARTNER]
    assert all(one.line_of_business and one.cost_centre and one.environment for one in accounts.ACCOUNTS)


@pytest.mark.parametrize("account", accounts.ACCOUNTS, ids=lambda account: account.name)
def test_every_account_has_its_roles(cloud: Cloud, account: definitions.Account) -> None:
    names = {role["RoleName"] for role in cloud.client("iam", account.id).list_roles()["Roles"]}
    assert {EXECUTOR, OBSERVER, *account.consumer_roles} <= names


@pytest.mark.parametrize("account", accounts.ACCOUNTS, ids=lambda account: account.name)
def test_every_account_is_closed_by_default_and_read_by_the_observer(
    cloud: Cloud, account: definitions.Account
) -> None:
    settings = _settings(cloud, account.id)
    assert _names(settings["ReadOnlyAdmins"]) == [OBSERVER]
    assert settings["CreateDatabaseDefaultPermissions"] == settings["CreateTableDefaultPermissions"] == []
    assert settings["Parameters"]["CROSS_ACCOUNT_VERSION"] == "4"
    admins = [EXECUTOR] if account.id == GOVERNANCE or account.passes_on_grants else []
    assert _names(settings["DataLakeAdmins"]) == admins


def test_a_consumers_executor_makes_databases_without_being_an_admin(cloud: Cloud) -> None:
    glue = cloud.client("glue", BI, EXECUTOR)
    glue.create_database(DatabaseInput={"Name": "made_by_executor"})
    glue.delete_database(Name="made_by_executor")


def test_the_governance_catalog_holds_all_domains(cloud: Cloud) -> None:
    glue = cloud.client("glue", GOVERNANCE, OBSERVER)
    expected = {database.name: database for database in catalog.DATABASES if database.catalog == GOVERNANCE}
    found = set(_listed(glue, "get_databases", "DatabaseList"))
    assert set(expected) <= found
    tables = {name: set(_listed(glue, "get_tables", "TableList", DatabaseName=name)) for name in expected}
    assert tables == {name: {table.name for table in one.tables} for name, one in expected.items()}
    assert sum(map(len, tables.values())) >= 28


@pytest.mark.parametrize("database", catalog.DATABASES, ids=lambda database: database.name)
def test_tables_have_believable_schemas(database: definitions.Database) -> None:
    for table in database.tables:
        columns = [*table.columns, *([table.partition] if table.partition else [])]
        assert 8 <= len(columns) <= 20, table.name
        assert len({column.name for column in columns}) == len(columns), table.name
        assert all(column.comment for column in columns), table.name


def test_life_expectancy_is_as_the_insurer_publishes_it(cloud: Cloud) -> None:
    glue = cloud.client("glue", GOVERNANCE, OBSERVER)
    table = glue.get_table(DatabaseName="insurance_gold", Name="life_expectancy")["Table"]
    assert {"policy_id", "birth_year", "gender", "smoker", "expected_remaining_years"} <= set(_columns(table))
    assert [key["Name"] for key in table["PartitionKeys"]] == ["snapshot_date"]
    assert table["Parameters"]["recordCount"] == "1500"


def test_reinsurance_lies_in_the_insurers_own_catalog_in_another_region(cloud: Cloud) -> None:
    glue = cloud.client("glue", INSURANCE, OBSERVER, region=accounts.REINSURANCE_REGION)
    tables = _listed(glue, "get_tables", "TableList", DatabaseName="insurance_reinsurance")
    assert set(tables) == {"treaties", "cessions"}
    admins = _settings(cloud, INSURANCE, accounts.REINSURANCE_REGION)["DataLakeAdmins"]
    assert _names(admins) == [EXECUTOR]


def test_only_the_portals_own_locations_are_left_unregistered(cloud: Cloud) -> None:
    lake = cloud.client("lakeformation", GOVERNANCE, OBSERVER)
    registered = {one["ResourceArn"] for one in lake.list_resources()["ResourceInfoList"]}
    expected = {
        f"arn:aws:s3:::{one.bucket}"
        for one in catalog.DATABASES
        if one.catalog == GOVERNANCE and one.name not in catalog.UNREGISTERED_DATABASES
    }
    assert expected <= registered
    assert not registered & {
        f"arn:aws:s3:::harbour-{one.replace('_', '-')}" for one in catalog.UNREGISTERED_DATABASES
    }


def test_one_table_was_left_to_iam(cloud: Cloud) -> None:
    lake = cloud.client("lakeformation", GOVERNANCE, OBSERVER)
    table = {"Table": {"DatabaseName": "retail_banking_silver", "Name": "branch_visits"}}
    rows = lake.list_permissions(Resource=table)["PrincipalResourcePermissions"]
    everyone = [
        one for one in rows if one["Principal"]["DataLakePrincipalIdentifier"] == "IAM_ALLOWED_PRINCIPALS"
    ]
    assert [row["Permissions"] for row in everyone] == [["ALL"]]


def test_the_computed_column_is_tagged_sensitive_inside_a_private_table(cloud: Cloud) -> None:
    lake = cloud.client("lakeformation", GOVERNANCE, OBSERVER)
    table = {"Table": {"DatabaseName": "insurance_gold", "Name": "life_expectancy"}}
    tags = lake.get_resource_lf_tags(Resource=table, ShowAssignedLFTags=False)
    on_table = {one["TagKey"]: one["TagValues"] for one in tags["LFTagsOnTable"]}
    assert on_table == {
        "producing_lob": ["insurance"],
        "tier": ["gold"],
        "confidentiality": ["private"],
        "consuming_lob": ["bi"],
        "cost_centre": ["4200"],
        "environment": ["production"],
        "region": ["eu-central-1"],
    }
    confidentiality = {
        column["Name"]: tag["TagValues"]
        for column in tags["LFTagsOnColumns"]
        for tag in column["LFTags"]
        if tag["TagKey"] == "confidentiality"
    }
    assert confidentiality["expected_remaining_years"] == ["sensitive"]
    assert confidentiality["region"] == ["public"]


def test_rows_are_the_same_at_every_start() -> None:
    from demo.bank.parquet_rows import ParquetWriter
    from demo.bank.tables.insurance import LIFE_EXPECTANCY

    first, second = ParquetWriter(), ParquetWriter()
    assert first.write_table(LIFE_EXPECTANCY) == second.write_table(LIFE_EXPECTANCY)
    first.close()
    second.close()


@pytest.mark.parametrize("database", catalog.DATABASES, ids=lambda database: database.name)
def test_every_table_has_its_rows_in_the_producers_bucket(
    cloud: Cloud, database: definitions.Database
) -> None:
    s3 = cloud.client("s3", database.producer)
    listed = s3.list_objects_v2(Bucket=database.bucket)["Contents"]
    folders = {table.name for table in database.tables}
    found = {one["Key"] for one in listed if one["Key"].split("/")[0] in folders}
    assert found == {f"{table.name}/part-00000.parquet" for table in database.tables}


def test_the_crawler_of_insurance_has_a_database_without_tables_and_files_to_read(cloud: Cloud) -> None:
    glue = cloud.client("glue", INSURANCE, region=accounts.REINSURANCE_REGION)
    crawler = glue.get_crawler(Name=world.CRAWLER)["Crawler"]
    assert (crawler["State"], crawler["DatabaseName"]) == ("READY", world.CRAWLED_DATABASE)
    assert _listed(glue, "get_tables", "TableList", DatabaseName=world.CRAWLED_DATABASE) == []
    s3 = cloud.client("s3", INSURANCE)
    assert len(s3.list_objects_v2(Bucket=world.BUCKET, Prefix=f"{world.FOLDER}/")["Contents"]) == 2
