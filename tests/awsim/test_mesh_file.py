"""A seed of one's own as a TOML file: the example is loaded and queried, mistakes are told by their place."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from awsim.seeds import mesh_file
from awsim.seeds.mesh_file import SeedError
from tests.awsim.cloud import REGION, ROOT, Cloud, ask, refused

EXAMPLE = "awsim/seeds/example.toml"
BAKERY, CAFE, MILL = "100000000001", "100000000002", "100000000003"
ACCOUNT = '[[accounts]]\nid = "100000000001"\nname = "one"\n'
CATALOG = ACCOUNT + '[[catalogs]]\naccount = "100000000001"\nregion = "eu-central-1"\n'
ROWS_WITHOUT_A_BUCKET = """
[[catalogs.databases]]
name = "d"
[[catalogs.databases.tables]]
name = "t"
location = "s3://none/t/"
columns = [{ name = "a" }]
sql = "SELECT 1 AS a"
"""
A_FILE_OF_THE_MACHINE = """
[[buckets]]
account = "100000000001"
name = "lake"
region = "eu-central-1"
objects = [{ key = "k", sql = "SELECT * FROM read_text('/etc/hostname')" }]
"""


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud.start(tmp_path_factory.mktemp("bakery"), seed=EXAMPLE) as started:
        yield started


def test_accounts_roles_and_administrators_are_there(bakery: Cloud) -> None:
    assert bakery.control("accounts") == {BAKERY: "Bakery", CAFE: "Café", MILL: "Mill"}
    lake = bakery.client("lakeformation", BAKERY, "lake-admin")
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    named = settings["DataLakeAdmins"] + settings["ReadOnlyAdmins"]
    arns = [one["DataLakePrincipalIdentifier"].rpartition("/")[2] for one in named]
    assert arns == ["lake-admin", "auditor"]
    assert bakery.control(f"credentials?account={CAFE}&role=analyst")["Expiration"] is None


def test_a_role_trusts_whom_it_names_with_its_external_id(bakery: Cloud) -> None:
    sts = bakery.client("sts", CAFE)
    asked = {"RoleArn": f"arn:aws:iam::{BAKERY}:role/auditor", "RoleSessionName": "look"}
    assert refused(sts.assume_role, **asked) == "AccessDenied"
    assert sts.assume_role(**asked, ExternalId="oven")["Credentials"]


def test_granted_columns_of_csv_rows_are_queried_through_the_link(bakery: Cloud) -> None:
    athena = bakery.client("athena", CAFE, "analyst")
    answer = ask(athena, "SELECT * FROM orders WHERE price < 4 ORDER BY id", "bakery")
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.rows[1:] == [["1", "rye", "3.2", "2026-10-01"], ["3", "rye", "3.2", "2026-10-02"]]
    assert answer.rows[0] == ["id", "bread", "price", "sold_on"]
    assert "cannot be resolved" in ask(athena, "SELECT customer FROM orders", "bakery").reason
    assert ask(athena, "SELECT * FROM baked", "bakery").state == "FAILED"


def test_rows_of_sql_and_plain_objects_are_there(bakery: Cloud) -> None:
    s3 = bakery.client("s3", BAKERY)
    assert s3.get_object(Bucket="bakery-lake", Key="readme.txt")["Body"].read() == b"Rows of the bakery."
    for key in ("raw/ovens.parquet", "baked/part-00000.parquet"):
        assert s3.get_object(Bucket="bakery-lake", Key=key)["Body"].read()[:4] == b"PAR1"


def test_tags_and_grants_are_there_and_outsiders_are_invited(bakery: Cloud) -> None:
    lake = bakery.client("lakeformation", BAKERY)
    found = lake.search_tables_by_lf_tags(
        Expression=[{"TagKey": "confidentiality", "TagValues": ["sensitive"]}]
    )
    (columns,) = [table["LFTagsOnColumns"] for table in found["TableList"]]
    assert [one["Name"] for one in columns if one["LFTags"][0]["TagValues"] == ["sensitive"]] == ["customer"]
    ram = bakery.client("ram", MILL, region=REGION)
    assert [one["status"] for one in ram.get_resource_share_invitations()["resourceShareInvitations"]] == [
        "PENDING"
    ]


def test_reset_goes_back_to_the_file(bakery: Cloud) -> None:
    glue = bakery.client("glue", BAKERY)
    glue.delete_table(DatabaseName="sales", Name="baked")
    bakery.control("reset", method="POST")
    assert [one["Name"] for one in glue.get_tables(DatabaseName="sales")["TableList"]] == ["baked", "orders"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts = [", "at end of document"),
        ("", "accounts is missing"),
        ("accounts = 5", "accounts is a list"),
        ('[[accounts]]\nid = "1"\nname = "one"', "twelve digits, not 1"),
        ('[[accounts]]\nname = "one"', "accounts[0]: id is missing"),
        (ACCOUNT + 'colour = "red"', "accounts[0]: colour is not known"),
        (ACCOUNT + "open_by_default = 1", "accounts[0].open_by_default is a truth value"),
        (ACCOUNT + "administrators = [1]", "accounts[0].administrators[0] is a text"),
        ('organisation = ["200000000002"]\n' + ACCOUNT, "no account 200000000002"),
        (CATALOG + "tags = { tier = 1 }", "catalogs[0].tags.tier is a list"),
    ],
)
def test_a_file_that_does_not_fit_is_told_by_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mesh.toml"
    path.write_text(text)
    with pytest.raises(SeedError) as refusal:
        mesh_file.read(path)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[catalogs.grants]]\nprincipal = "nobody"\nresource = { Catalog = {} }', "nobody"),
        (ROWS_WITHOUT_A_BUCKET, "there is no bucket none"),
        (A_FILE_OF_THE_MACHINE, "file system operations are disabled"),
    ],
)
def test_what_aws_or_duckdb_refuses_ends_the_start_in_one_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mesh.toml"
    path.write_text(CATALOG + text)
    command = [sys.executable, "-m", "awsim", "--state", str(tmp_path / "state"), "--seed", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith(f"awsim: {path}: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
