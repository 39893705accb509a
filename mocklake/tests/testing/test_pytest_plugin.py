"""The plugin as another project uses it: its own pytest run, with the `lake` fixture."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mocklake.testing.lake import Lake

BAKERY, CAFE = "100000000001", "100000000002"
ANALYST = f"arn:aws:iam::{CAFE}:role/analyst"


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Lake:
    return Lake("example", environ=monkeypatch)


def _run(folder: Path, test: str, configuration: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "test_project.py").write_text(textwrap.dedent(test))
    (folder / "pytest.ini").write_text(f"[pytest]\n{configuration}\n")
    plugin = ["-p", "no:django", "-p", "no:cacheprovider", "-p", "mocklake.testing.pytest_plugin"]
    root = Path(__file__).resolve().parents[3]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", *plugin, "--rootdir", str(folder), str(folder)],
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_code_under_test_makes_its_own_clients(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        """
        import boto3, pytest

        @pytest.mark.lake(seed="example", switches={"merge_column_rows": True})
        def test_client_of_its_own(lake):
            lake.act_as("100000000001", "lake-admin")
            pages = boto3.client("glue").get_paginator("get_tables").paginate(DatabaseName="sales")
            assert "orders" in [table["Name"] for page in pages for table in page["TableList"]]

        def test_next_test_has_a_world_of_its_own(lake):
            assert list(lake.accounts) == ["111111111111"]
            assert lake.client("glue").get_databases()["DatabaseList"] == []
        """,
        "addopts = --strict-markers",
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "testing.md").read_text()
    example = page.split("```python\n")[1].split("```")[0]
    done = _run(tmp_path, example)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_seed_of_a_project_stands_in_its_configuration(tmp_path: Path) -> None:
    test = """
        def test_accounts(lake):
            assert "100000000001" in lake.accounts
    """
    done = _run(tmp_path, test, "mocklake_seed = example")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("mark", ["lake('example')", "lake(sed='example')"])
def test_a_wrong_mark_is_an_error(tmp_path: Path, mark: str) -> None:
    test = f"""
        import pytest

        @pytest.mark.{mark}
        def test_accounts(lake): ...
    """
    done = _run(tmp_path, test)
    assert "the mark `lake` takes seed, switches, manners by name" in done.stdout


def test_restore_takes_back_what_was_made_since(lake: Lake) -> None:
    glue, s3 = lake.client("glue", BAKERY), lake.client("s3", BAKERY)
    frozen = lake.freeze()
    glue.create_database(DatabaseInput={"Name": "extra"})
    s3.create_bucket(Bucket="bakery-extra", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    lake.restore(frozen)
    assert "extra" not in [one["Name"] for one in glue.get_databases()["DatabaseList"]]
    assert "bakery-extra" not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


def test_a_role_s_client_made_after_the_freeze_stays_valid(lake: Lake) -> None:
    frozen = lake.freeze()
    admin = lake.client("lakeformation", BAKERY, "lake-admin")
    lake.restore(frozen)
    assert admin.get_data_lake_settings()["DataLakeSettings"]["DataLakeAdmins"]


def test_restore_ends_faults(lake: Lake) -> None:
    frozen = lake.freeze()
    lake.add_fault("error", service="glue", code="InternalServiceException", count=10)
    lake.restore(frozen)
    assert lake.client("glue", BAKERY).get_databases()["DatabaseList"]


def test_what_can_be_read_follows_grants(lake: Lake) -> None:
    before = lake.can_read(ANALYST, "sales.orders.customer", catalog=BAKERY)
    lake.client("lakeformation", BAKERY, "lake-admin").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ANALYST},
        Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}},
        Permissions=["SELECT"],
    )
    assert (before, lake.can_read(ANALYST, "sales.orders.customer", catalog=BAKERY)) == (False, True)


def test_sessions_expire_by_its_clock(lake: Lake) -> None:
    client = lake.client("sts", BAKERY, "lake-admin")
    client.get_caller_identity()
    lake.advance(3601)
    with pytest.raises(client.exceptions.ClientError, match="ExpiredToken"):
        client.get_caller_identity()
