"""Crawlers: what their calls answer and refuse, and what a run makes of the objects it finds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess

CENTRAL = "111111111111"
SEED = str(Path(__file__).parents[3] / "mocklake/scenarios/seeds/pair.yaml")
ROLE = "crawler"
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
TRUST += '"Principal":{"Service":"glue.amazonaws.com"}}]}'


class Lake:
    """Central's account with a role that crawls, and a bucket that is not registered."""

    def __init__(self, aws: InProcess) -> None:
        self.aws = aws
        self.glue = aws.client("glue", CENTRAL)
        self.s3 = aws.client("s3", CENTRAL)
        place = {"LocationConstraint": "eu-central-1"}
        self.s3.create_bucket(Bucket="raw", CreateBucketConfiguration=place)
        iam = aws.client("iam", CENTRAL)
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
        rule = {
            "Effect": "Allow",
            "Action": ["glue:*", "s3:*", "lakeformation:GetDataAccess"],
            "Resource": "*",
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        iam.put_role_policy(RoleName=ROLE, PolicyName="work", PolicyDocument=text)
        self.grant(["CREATE_TABLE", "DESCRIBE"], {"Database": {"Name": "sales"}})

    def grant(self, verbs: list[str], resource: dict[str, Any], who: str = ROLE) -> None:
        principal = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/{who}"}
        lake = self.aws.client("lakeformation", CENTRAL, "admin")
        lake.grant_permissions(Principal=principal, Resource=resource, Permissions=verbs)

    def put(self, key: str, content: bytes | str) -> None:
        self.s3.put_object(Bucket="raw", Key=key, Body=content)

    def make(self, path: str = "s3://raw/in", *, exclusions: list[str] | None = None, **more: Any) -> None:
        target = {"Path": path} | ({"Exclusions": exclusions} if exclusions else {})
        asked = {"Role": ROLE, "DatabaseName": "sales", "Targets": {"S3Targets": [target]}}
        self.glue.create_crawler(Name="one", **asked | more)

    def run(self, state: str = "SUCCEEDED") -> dict[str, Any]:
        """One run to its end; answers LastCrawl."""
        self.glue.start_crawler(Name="one")
        self.wait()
        last: dict[str, Any] = self.glue.get_crawler(Name="one")["Crawler"]["LastCrawl"]
        assert last["Status"] == state, last
        return last

    def wait(self) -> None:
        offset = self.aws.control("clock")["offset_seconds"]
        self.aws.control("clock", {"offset_seconds": offset + 5})

    def table(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.glue.get_table(DatabaseName="sales", Name=name)["Table"]
        return found

    def columns(self, name: str) -> dict[str, str]:
        return {one["Name"]: one["Type"] for one in self.table(name)["StorageDescriptor"]["Columns"]}

    def rows(self, sql: str, table: str) -> list[list[str | None]]:
        self.grant(["SELECT"], {"Table": {"DatabaseName": "sales", "Name": table}}, "engineer")
        answer = ask(self.aws.client("athena", CENTRAL, "engineer"), sql, "sales")
        assert answer.state == "SUCCEEDED", answer.reason
        return answer.rows[1:]


@pytest.fixture
def lake() -> Iterator[Lake]:
    with InProcess(seed=SEED, manners="polite") as aws:
        yield Lake(aws)


def parquet(folder: Path, select: str) -> bytes:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{folder}/x.parquet' (FORMAT parquet)")
    return (folder / "x.parquet").read_bytes()


def test_parquet_in_hive_folders_becomes_a_partitioned_table(lake: Lake, tmp_path: Path) -> None:
    for day in (1, 2):
        select = f"SELECT {day} AS id, 1.5::decimal(9,2) AS price, [1] AS list, {{'a': 'x'}} AS deep"
        lake.put(f"in/orders/day=2026-01-0{day}/part.parquet", parquet(tmp_path, select))
    lake.make("s3://raw/in/orders", TablePrefix="raw_")
    lake.run()
    deep = {"list": "array<int>", "deep": "struct<a:string>"}
    assert lake.columns("raw_orders") == {"id": "int", "price": "decimal(9,2)", **deep}
    assert lake.table("raw_orders")["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    found = lake.glue.get_partitions(DatabaseName="sales", TableName="raw_orders")["Partitions"]
    assert [one["Values"] for one in found] == [["2026-01-01"], ["2026-01-02"]]
    assert lake.table("raw_orders")["CreatedBy"].endswith(":assumed-role/crawler/AWSGlue")


def test_csv_and_json_become_tables_that_athena_reads(lake: Lake) -> None:
    lake.put("in/heads/1.csv", "id,name,at\n1,ann,2026-01-01\n2,bob,2026-01-02\n")
    lake.put("in/plain/1.csv", "1;true;1.5\n2;false;2.5\n")
    lake.put("in/lines/1.json", '{"id": 1, "who": {"name": "ann"}}\n{"id": 2}\n')
    lake.make()
    lake.run()
    assert lake.columns("heads") == {"id": "bigint", "name": "string", "at": "string"}
    assert lake.columns("plain") == {"col0": "bigint", "col1": "boolean", "col2": "double"}
    assert lake.columns("lines") == {"id": "bigint", "who": "struct<name:string>"}
    assert lake.rows("SELECT name FROM heads WHERE id = 2", "heads") == [["bob"]]
    assert lake.rows("SELECT sum(col2) FROM plain WHERE col1", "plain") == [["1.5"]]


def test_exclusions_and_hidden_objects_are_passed_over(lake: Lake) -> None:
    lake.put("in/keep/1.csv", "id,name\n1,a\n")
    lake.put("in/keep/2.tmp", "x,y,z\n1,2,3\n")
    lake.put("in/old/deep/1.csv", "id,name\n1,a\n")
    lake.put("in/keep/_SUCCESS", "a,b\n1,2\n")
    lake.make(exclusions=["**.{tmp,bak}", "old/**"])
    lake.run()
    names = [one["Name"] for one in lake.glue.get_tables(DatabaseName="sales")["TableList"]]
    assert [name for name in names if name in ("in", "keep", "old")] == ["in"]
    assert lake.table("in")["PartitionKeys"] == [{"Name": "partition_0", "Type": "string"}]


def test_without_lake_formations_permission_the_run_fails(lake: Lake) -> None:
    lake.put("in/x/1.csv", "id,name\n1,a\n")
    lake.make("s3://raw/in/x", DatabaseName="claims")
    last = lake.run("FAILED")
    assert "Insufficient Lake Formation permission(s)" in last["ErrorMessage"]


def test_objects_that_the_role_may_not_read_fail_the_run(lake: Lake) -> None:
    rule = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::raw/in/*"}
    lake.put("in/x/1.csv", "id,name\n1,a\n")
    text = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    lake.s3.put_bucket_policy(Bucket="raw", Policy=text)
    lake.make()
    assert "AccessDenied" in lake.run("FAILED")["ErrorMessage"]


def test_a_changed_schema_is_written_or_left_as_the_policy_says(lake: Lake) -> None:
    lake.put("in/x/1.csv", "id,name\n1,a\n")
    lake.make("s3://raw/in/x")
    lake.run()
    lake.put("in/x/1.csv", "id,name,more\n1,a,z\n")
    logged = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    lake.glue.update_crawler(Name="one", SchemaChangePolicy=logged)
    lake.run()
    assert list(lake.columns("x")) == ["id", "name"]
    lake.glue.update_crawler(Name="one", SchemaChangePolicy=logged | {"UpdateBehavior": "UPDATE_IN_DATABASE"})
    lake.run()
    assert list(lake.columns("x")) == ["id", "name", "more"]
    lake.put("in/x/1.csv", "id,name\n1,a\n")
    merging = '{"Version": 1.0, "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}'
    lake.glue.update_crawler(Name="one", Configuration=merging)
    lake.run()
    assert list(lake.columns("x")) == ["id", "name", "more"]


@pytest.mark.parametrize("behaviour", ["DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE", "LOG"])
def test_what_is_gone_is_deleted_marked_or_left(lake: Lake, behaviour: str) -> None:
    lake.put("in/x/1.csv", "id,name\n1,a\n")
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behaviour}
    lake.make(SchemaChangePolicy=policy)
    lake.run()
    (made,) = lake.glue.list_crawls(CrawlerName="one")["Crawls"]
    assert "ADD" in made["Summary"]
    lake.s3.delete_object(Bucket="raw", Key="in/x/1.csv")
    lake.run()
    if behaviour == "DELETE_FROM_DATABASE":
        assert refused(lake.glue.get_table, DatabaseName="sales", Name="in") == "EntityNotFoundException"
    else:
        marked = "DEPRECATED_BY_CRAWLER" in lake.table("in")["Parameters"]
        assert marked == (behaviour == "DEPRECATE_IN_DATABASE")
