"""data.all's classes for Lake Formation, RAM and Glue, loaded from the clone that DATAALL_SOURCE names.

Its sessions come from a Parameter Store and from STS at a fixed address; in their place stands a session of the pivot role.
"""

import importlib.util
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3

from mocklake.clients.checks.assertions import equal, fails, holds

OWNER, READER, REGION = "100000000001", "100000000002", "eu-west-1"
ANALYST = f"arn:aws:iam::{READER}:role/analyst"
OWN_ANALYST = f"arn:aws:iam::{OWNER}:role/analyst"
PIVOT = f"arn:aws:iam::{OWNER}:role/pivot"
TABLE = ("sales", "orders", OWNER)
PACKAGE = "backend/dataall/modules"
READS = ["SELECT", "DESCRIBE"]


class _Sessions:
    @staticmethod
    def remote_session(accountid: str, region: str, role: str | None = None) -> boto3.Session:
        """Assumes the pivot role of the account."""
        arn = role or f"arn:aws:iam::{accountid}:role/pivot"
        keys = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="pivot")["Credentials"]
        return boto3.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=region,
        )


def _text(path: str) -> str:
    """Reads a file of a work tree or of a bare clone."""
    source = Path(os.environ["DATAALL_SOURCE"])
    if (source / path).exists():
        return (source / path).read_text()
    command = ["git", "-C", str(source), "show", f"HEAD:{path}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@cache
def _module(path: str) -> Any:
    for name in ("dataall", "dataall.base", "dataall.base.aws", "dataall.base.aws.sts"):
        sys.modules.setdefault(name, ModuleType(name))
    sys.modules["dataall.base.aws.sts"].SessionHelper = _Sessions  # type: ignore[attr-defined]
    models = "dataall.modules.s3_datasets.db.dataset_models"
    parts = models.split(".")
    for length in range(2, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:length]), ModuleType(".".join(parts[:length])))
    sys.modules[models].__dict__.update(DatasetTable=object, S3Dataset=object)
    copy = Path(path.replace("/", "_"))
    copy.write_text(_text(f"{PACKAGE}/{path}"))
    specification = importlib.util.spec_from_file_location(copy.stem, copy)
    assert specification is not None
    assert specification.loader is not None
    made = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(made)
    # It waits two seconds after each grant, and five after an invitation.
    made.__dict__["time"] = SimpleNamespace(sleep=lambda _: time.sleep(0.01))
    return made


def _lake(account: str = OWNER) -> Any:
    return _module("s3_datasets_shares/aws/lakeformation_client.py").LakeFormationClient(account, REGION)


def _glue(database: str, account: str = OWNER) -> Any:
    return _module("s3_datasets_shares/aws/glue_client.py").GlueClient(account, REGION, database)


def _ram() -> Any:
    return _module("s3_datasets_shares/aws/ram_client.py").RamClient


def make_session_of_pivot_role() -> None:
    holds(_lake())


def upgrade_settings() -> None:
    _lake().upgrade_lakeformation_data_catalog_settings(3)
    settings = _lake()._client.get_data_lake_settings()["DataLakeSettings"]  # noqa: SLF001
    holds(int(settings["Parameters"]["CROSS_ACCOUNT_VERSION"]) >= 3)


def find_database() -> None:
    equal(_glue("sales").get_glue_database()["Database"]["Name"], "sales")


def miss_database() -> None:
    equal(_glue("nothing").get_glue_database(), False)


def tell_whether_database_exists() -> None:
    equal((_glue("sales").database_exists("sales"), _glue("sales").database_exists("nothing")), (True, False))


def find_table() -> None:
    equal(_glue("sales").table_exists("orders")["Table"]["Name"], "orders")


def miss_table() -> None:
    equal(_glue("sales").table_exists("nothing"), None)


def read_tags_of_database() -> None:
    equal(_glue("sales").get_database_tags(), {})


def read_set_tags_of_database() -> None:
    glue = _glue("sales")
    glue._client.tag_resource(  # noqa: SLF001
        ResourceArn=f"arn:aws:glue:{REGION}:{OWNER}:database/sales", TagsToAdd={"owner_account_id": OWNER}
    )
    equal(glue.get_database_tags(), {"owner_account_id": OWNER})


def refuse_tags_of_missing_database() -> None:
    with fails("EntityNotFoundException"):
        _glue("nothing").get_database_tags()


def find_no_source_catalog() -> None:
    equal(_glue("sales").get_source_catalog(), None)


def find_database_of_catalog() -> None:
    equal(_glue("sales").get_glue_database_from_catalog(), "sales")


def refuse_source_catalog_of_missing_database() -> None:
    with fails("EntityNotFoundException"):
        _glue("nothing").get_source_catalog()


def check_missing_grant_on_database() -> None:
    equal(_lake().check_permissions_to_database([OWN_ANALYST], "sales", ["DESCRIBE"]), False)


def grant_on_database() -> None:
    equal(_lake().grant_permissions_to_database([OWN_ANALYST], "sales", ["DESCRIBE"]), True)


def grant_on_database_again() -> None:
    equal(_lake().grant_permissions_to_database([OWN_ANALYST], "sales", ["DESCRIBE"]), True)


def check_grant_on_database() -> None:
    equal(_lake().check_permissions_to_database([OWN_ANALYST], "sales", ["DESCRIBE"]), True)


def revoke_on_database() -> None:
    equal(_lake().revoke_permissions_to_database([OWN_ANALYST], "sales", ["DESCRIBE"]), True)


def revoke_on_database_again() -> None:
    equal(_lake().revoke_permissions_to_database([OWN_ANALYST], "sales", ["DESCRIBE"]), True)


def grant_on_table() -> None:
    equal(_lake().grant_permissions_to_table([OWN_ANALYST], *TABLE, ["ALTER"]), True)


def check_grant_on_table() -> None:
    equal(_lake().check_permissions_to_table([OWN_ANALYST], *TABLE, ["ALTER"]), True)


def revoke_on_table() -> None:
    equal(_lake().revoke_permissions_from_table([OWN_ANALYST], *TABLE, ["ALTER"]), True)
    equal(_lake().check_permissions_to_table([OWN_ANALYST], *TABLE, ["ALTER"]), False)


def revoke_on_table_again() -> None:
    equal(_lake().revoke_permissions_from_table([OWN_ANALYST], *TABLE, ["ALTER"]), True)


def grant_on_columns() -> None:
    equal(_lake().grant_permissions_to_table_with_columns([OWN_ANALYST], *TABLE, READS), True)


def check_grant_on_columns() -> None:
    equal(_lake().check_permissions_to_table_with_columns([OWN_ANALYST], *TABLE, READS), True)


def grant_on_columns_again() -> None:
    equal(_lake().grant_permissions_to_table_with_columns([OWN_ANALYST], *TABLE, READS), True)


def revoke_on_columns() -> None:
    equal(_lake().revoke_permissions_from_table_with_columns([OWN_ANALYST], *TABLE, READS), True)
    equal(_lake().check_permissions_to_table_with_columns([OWN_ANALYST], *TABLE, READS), False)


def grant_by_filter() -> None:
    lake = _lake()
    kept = {"RowFilter": {"FilterExpression": "bread = 'rye'"}, "ColumnNames": ["id", "bread"]}
    lake._client.create_data_cells_filter(  # noqa: SLF001
        TableData={
            "TableCatalogId": OWNER,
            "DatabaseName": "sales",
            "TableName": "orders",
            "Name": "ryes",
            **kept,
        }
    )
    equal(lake.grant_permissions_to_table_with_filters([OWN_ANALYST], *TABLE, ["SELECT"], ["ryes"]), True)


def check_grant_by_filter() -> None:
    equal(_lake().check_permissions_to_table_with_filters([OWN_ANALYST], *TABLE, ["SELECT"], ["ryes"]), True)


def grant_by_filter_again() -> None:
    equal(_lake().grant_permissions_to_table_with_filters([OWN_ANALYST], *TABLE, ["SELECT"], ["ryes"]), True)


def revoke_by_filter() -> None:
    equal(_lake().revoke_permissions_to_table_with_filters([OWN_ANALYST], *TABLE, ["SELECT"], ["ryes"]), True)
    equal(_lake().check_permissions_to_table_with_filters([OWN_ANALYST], *TABLE, ["SELECT"], ["ryes"]), False)


def check_everyone() -> None:
    equal(_lake().check_permissions_to_table(["EVERYONE"], *TABLE, ["SELECT"]), False)


def refuse_grant_on_missing_table() -> None:
    with fails("An error occurred"):
        _lake().grant_permissions_to_table([OWN_ANALYST], "sales", "nothing", OWNER, ["SELECT"])


def find_no_share() -> None:
    equal(_ram().check_ram_invitation_status(OWNER, REGION, READER, "sales", "orders"), False)


def share_with_account() -> None:
    equal(_lake().grant_permissions_to_table_with_columns([READER], *TABLE, READS, READS), True)


def check_share_with_account() -> None:
    equal(_lake().check_permissions_to_table_with_columns([READER], *TABLE, READS, READS), True)


def see_invitation() -> None:
    owner, reader = _ram()(OWNER, REGION), _ram()(READER, REGION)
    associations = owner._list_resource_share_associations(_arn())  # noqa: SLF001
    arns = [association["resourceShareArn"] for association in associations]
    share_invitations = reader._get_resource_share_invitations(arns, OWNER, READER)  # noqa: SLF001
    equal([share_invitation["status"] for share_invitation in share_invitations], ["PENDING"])


def _arn() -> str:
    return f"arn:aws:glue:{REGION}:{OWNER}:table/sales/orders"


def accept_invitation() -> None:
    equal(_ram().accept_ram_invitation(OWNER, REGION, "sales", "orders", READER, REGION), (False, []))


def accept_invitation_again() -> None:
    equal(_ram().accept_ram_invitation(OWNER, REGION, "sales", "orders", READER, REGION), (False, []))


def accept_nothing_in_same_account() -> None:
    equal(_ram().accept_ram_invitation(OWNER, REGION, "sales", "orders", OWNER, REGION), True)


def find_accepted_share() -> None:
    equal(_ram().check_ram_invitation_status(OWNER, REGION, READER, "sales", "orders"), True)


def create_shared_database() -> None:
    equal(_glue("shared", READER).create_database("", "Shared by the owner"), True)


def create_shared_database_again() -> None:
    equal(_glue("shared", READER).create_database(""), True)


def create_link() -> None:
    table = SimpleNamespace(GlueTableName="orders")
    _glue("shared", READER).create_resource_link("orders_link", table, OWNER, "sales")
    holds(_glue("shared", READER).table_exists("orders_link"))


def create_link_again() -> None:
    table = SimpleNamespace(GlueTableName="orders")
    holds(_glue("shared", READER).create_resource_link("orders_link", table, OWNER, "sales"))


def grant_link_to_role() -> None:
    lake = _lake(READER)
    equal(lake.grant_permissions_to_table([ANALYST], "shared", "orders_link", READER, ["DESCRIBE"]), True)
    equal(lake.grant_permissions_to_table_with_columns([ANALYST], *TABLE, READS), True)


def check_grants_of_role() -> None:
    lake = _lake(READER)
    equal(lake.check_permissions_to_table([ANALYST], "shared", "orders_link", READER, ["DESCRIBE"]), True)
    equal(lake.check_permissions_to_table_with_columns([ANALYST], *TABLE, READS), True)


def take_back() -> None:
    lake = _lake(READER)
    equal(lake.revoke_permissions_from_table([ANALYST], "shared", "orders_link", READER, ["DESCRIBE"]), True)
    equal(lake.revoke_permissions_from_table_with_columns([ANALYST], *TABLE, READS), True)
    equal(_lake().revoke_permissions_from_table_with_columns([READER], *TABLE, READS, READS), True)


def find_no_share_after_taking_back() -> None:
    equal(_ram().check_ram_invitation_status(OWNER, REGION, READER, "sales", "orders"), False)


def delete_link_and_database() -> None:
    glue = _glue("shared", READER)
    glue.delete_table("orders_link")
    equal(glue.delete_database(), True)
    equal(glue.get_glue_database(), False)


def list_tables_of_dataset() -> None:
    dataset = SimpleNamespace(
        AwsAccountId=OWNER, region=REGION, GlueDatabaseName="sales", GlueCrawlerName="none"
    )
    crawler = _module("s3_datasets/aws/glue_dataset_client.py").DatasetCrawler(dataset)
    equal(
        [database_table["Name"] for database_table in crawler.list_glue_database_tables("owner-lake")],
        ["orders"],
    )
    equal(crawler.get_crawler(), None)


def update_comment_of_column() -> None:
    table = SimpleNamespace(AWSAccountId=OWNER, region=REGION, GlueDatabaseName="sales", name="orders")
    session = _Sessions.remote_session(OWNER, REGION)
    client = _module("s3_datasets/aws/glue_table_client.py").GlueTableClient(session, table)
    found = client.get_table()["Table"]
    _lake().grant_permissions_to_table([PIVOT], *TABLE, ["ALTER"])
    kept = {key: found[key] for key in ("Name", "StorageDescriptor", "PartitionKeys") if key in found}
    kept["StorageDescriptor"]["Columns"][0]["Comment"] = "Order number"
    client.update_table_for_column("id", kept)
    equal(client.get_table()["Table"]["StorageDescriptor"]["Columns"][0]["Comment"], "Order number")
