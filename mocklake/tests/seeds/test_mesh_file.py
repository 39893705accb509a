"""A seed of one's own as a YAML file: the example is loaded and queried, mistakes are told by their place."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake import moto_bridge
from mocklake.seeds import mesh_file
from mocklake.seeds.mesh_file import SeedError
from mocklake.server.simulator import Simulator
from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.in_process import REGION
from mocklake.testing.server import ROOT, Cloud

BAKERY, CAFE, MILL = "100000000001", "100000000002", "100000000003"
ACCOUNT = 'accounts:\n  - {id: "100000000001", name: one}\n'
CATALOG = ACCOUNT + 'catalogs:\n  - account: "100000000001"\n    region: eu-central-1\n'
GRANT = CATALOG + "    grants:\n      - principal: %s\n        resource: %s\n"
FILTER = CATALOG + "    filters: [{DatabaseName: d, TableName: t, Name: f, RowFilters: {}}]\n"
ROWS_WITHOUT_A_BUCKET = (
    CATALOG
    + """
    databases:
      - name: d
        tables: [{name: t, location: "s3://none/t/", columns: [{name: a}], sql: SELECT 1 AS a}]
"""
)
A_FILE_OF_THE_MACHINE = """
buckets:
  - account: "100000000001"
    name: lake
    region: eu-central-1
    objects: [{key: k, sql: SELECT * FROM read_text('/etc/hostname')}]
"""


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud.start(tmp_path_factory.mktemp("bakery"), seed="example", manners="polite") as started:
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
        "ACCEPTED"
    ]


def test_reset_goes_back_to_the_file(bakery: Cloud) -> None:
    glue = bakery.client("glue", BAKERY)
    glue.delete_table(DatabaseName="sales", Name="baked")
    bakery.control("reset", method="POST")
    assert [one["Name"] for one in glue.get_tables(DatabaseName="sales")["TableList"]] == ["baked", "orders"]


def test_a_filter_of_the_file_cuts_rows_and_what_was_accepted_is_passed_on(bakery: Cloud) -> None:
    athena = bakery.client("athena", MILL, "miller")
    assert ask(athena, "SELECT id, bread FROM orders ORDER BY id", "bakery").rows[1:] == [
        ["1", "rye"],
        ["3", "rye"],
    ]
    assert ask(athena, "SELECT count(*) FROM baked", "bakery").rows[1:] == [["24"]]


def test_settings_expressions_opt_ins_and_switches_are_there(bakery: Cloud) -> None:
    lake = bakery.client("lakeformation", BAKERY)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    assert settings["AllowExternalDataFiltering"]
    assert settings["ReadOnlyAdmins"]
    assert [one["Name"] for one in lake.list_lf_tag_expressions()["LFTagExpressions"]] == ["open"]
    opted_in = lake.list_lake_formation_opt_ins()["LakeFormationOptInsInfoList"]
    assert [one["Resource"]["Table"]["Name"] for one in opted_in] == ["recipe_1"]
    assert bakery.control("switches")["merge_column_rows"]["value"] is False


def test_a_table_that_stands_for_several_is_made_so_often(bakery: Cloud) -> None:
    tables = bakery.client("glue", BAKERY).get_tables(DatabaseName="recipes")["TableList"]
    assert [(one["Name"], one["StorageDescriptor"]["Location"]) for one in tables] == [
        (f"recipe_{number}", f"s3://bakery-lake/recipes/recipe_{number}/") for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts:\n  - ]", "line 2: while parsing a block"),
        ("accounts: \x00", "the character at 10 is not allowed"),
        ("", "accounts is missing"),
        ("- 1", "line 1: the whole is a mapping"),
        ("accounts: 5", "line 1: accounts is a list"),
        ('accounts: [{id: "1", name: one}]', "line 1: an account's id has twelve digits, not 1"),
        ("accounts:\n  - id: 100000000001", "line 2: accounts[0]: name is missing"),
        (
            "accounts:\n  - {id: 100000000001, name: one}",
            "line 2: accounts[0].id is a text: put it in quotes",
        ),
        (ACCOUNT + "organisation: [100000000001]", "line 3: organisation[0] is a text: put it in quotes"),
        (ACCOUNT + ACCOUNT, "line 3: accounts stands twice"),
        (ACCOUNT + '  - {id: "100000000001", name: two}', "line 3: account 100000000001 stands twice"),
        ("accounts:\n  - {id: a, id: b}", "line 2: accounts[0].id stands twice"),
        ("accounts:\n  - {id: 2026-11-20}", "line 2: accounts[0].id reads as a date: put it in quotes"),
        ("accounts: &all [*all]", "line 1: accounts[0] repeats another place by an alias: write it out"),
        ("accounts: !!python/name:os.system", "line 1: accounts has a tag"),
        ("1: 2", "line 1: the file has a key that is no text: put it in quotes"),
        ("accounts: " + "[" * 5000, "line 1: it is nested too deeply"),
        (ACCOUNT + "colour: red", "line 3: colour is not known"),
        (
            "accounts: [{id: x, name: y, open_by_default: 1}]",
            "line 1: accounts[0].open_by_default is a truth value",
        ),
        (ACCOUNT + 'organisation: ["200000000002"]', "line 3: no account 200000000002"),
        (CATALOG + "    tags: {tier: 1}", "line 6: catalogs[0].tags.tier is a list"),
        (GRANT % ("x", "{Table: {CatalogId: 100000000001}}"), "line 8: catalogs[0].grants[0].resource.Table"),
        (GRANT % ("x", "{Catalog: }"), "line 8: catalogs[0].grants[0].resource.Catalog is empty: write {}"),
    ],
)
def test_a_file_that_does_not_fit_is_told_by_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mesh.yaml"
    path.write_text(text)
    with pytest.raises(SeedError) as refusal:
        mesh_file.read_mesh(path)
    assert str(refusal.value).startswith(f"{path}: {message}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GRANT % ("nobody", "{Catalog: {}}"), "line 7: catalogs[0].grants[0]: Invalid principal, nobody"),
        (
            GRANT % ("arn:aws:iam::100000000001:role/nobody", "{Catalog: {}}")
            + "        permissions: [CREATE_DATABASE]\n",
            "line 7: catalogs[0].grants[0]: Invalid principal, arn: arn:aws:iam::100000000001:role/nobody",
        ),
        (
            GRANT % ('"100000000001"', "{Catalogue: {}}"),
            "line 7: catalogs[0].grants[0]: Unknown parameter in Resource",
        ),
        (FILTER, "line 6: catalogs[0].filters[0]: Unknown parameter in TableData"),
        (
            CATALOG + '    accepts: ["100000000001"]',
            "line 6: catalogs[0].accepts[0]: account 100000000001 has",
        ),
        (
            CATALOG + "    settings: {Administrators: []}",
            "line 6: catalogs[0].settings: Unknown parameter",
        ),
        (ACCOUNT + "switches: {colour: red}", "line 3: switches.colour: no switch colour"),
        (
            ROWS_WITHOUT_A_BUCKET,
            "line 9: catalogs[0].databases[0].tables[0]: table t: there is no bucket none",
        ),
        (ACCOUNT + A_FILE_OF_THE_MACHINE, "line 5: buckets[0]: Permission Error: Cannot access file"),
    ],
)
def test_what_aws_or_duckdb_refuses_is_told_by_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mesh.yaml"
    path.write_text(text)
    with pytest.raises(SeedError) as refusal:
        Simulator(None, str(path)).open()
    moto_bridge.reset()
    assert str(refusal.value).startswith(f"{path}: {message}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("seed", "message"), [("nowhere.yaml", "No such file"), ("rivers", "no seed rivers")]
)
def test_a_seed_that_cannot_be_had_ends_the_start_in_one_line(
    tmp_path: Path, seed: str, message: str
) -> None:
    command = [sys.executable, "-m", "mocklake", "--state", str(tmp_path / "state"), "--seed", seed]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith("mocklake: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
