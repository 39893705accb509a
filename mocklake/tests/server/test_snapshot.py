"""What is kept over a stop and over a kill."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake.server import snapshot
from mocklake.testing.checks import eventually
from mocklake.testing.in_process import REGION
from mocklake.testing.server import ROOT, Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, MESH, PRODUCER
from mocklake.world import World


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud.start(tmp_path_factory.mktemp("snapshot"), seed=str(MESH), manners="polite") as started:
        yield started


def _write_everywhere(own: Cloud, mark: str) -> None:
    own.client("s3", CONSUMER).put_object(Bucket="consumer-results", Key=mark, Body=mark.encode())
    trust = '{"Version": "2012-10-17", "Statement": []}'
    own.client("iam", CONSUMER).create_role(RoleName=mark, AssumeRolePolicyDocument=trust)
    own.client("sqs", CENTRAL).create_queue(QueueName=mark)
    own.client("kms", CENTRAL).create_key(Description=mark)
    own.client("glue", CENTRAL).create_database(DatabaseInput={"Name": mark})
    executor = own.client("lakeformation", CENTRAL, "lake-admin")
    who = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/reporting"}
    database = {"Database": {"Name": mark}}
    executor.grant_permissions(Principal=who, Resource=database, Permissions=["DESCRIBE"])


def _assert_kept(own: Cloud, mark: str) -> None:
    body = own.client("s3", CONSUMER).get_object(Bucket="consumer-results", Key=mark)["Body"].read()
    assert body == mark.encode()
    assert own.client("iam", CONSUMER).get_role(RoleName=mark)["Role"]["RoleName"] == mark
    assert own.client("sqs", CENTRAL).get_queue_url(QueueName=mark)["QueueUrl"].endswith(mark)
    observer = own.client("lakeformation", CENTRAL, "auditor")
    held = observer.list_permissions(Resource={"Database": {"Name": mark}})
    principals = {
        row["Principal"]["DataLakePrincipalIdentifier"] for row in held["PrincipalResourcePermissions"]
    }
    assert f"arn:aws:iam::{CONSUMER}:role/reporting" in principals


def test_a_stop_keeps_every_service_and_sign_in_sessions(own: Cloud) -> None:
    keys = own.control(f"credentials?account={CONSUMER}&role=analyst")
    _write_everywhere(own, "stopped")
    own.end()
    own.begin()
    _assert_kept(own, "stopped")
    assert own.client_of("sts", keys).get_caller_identity()["Arn"].endswith("analyst/control")


def test_a_kill_loses_nothing_older_than_two_seconds(own: Cloud) -> None:
    _write_everywhere(own, "killed")
    wrote = time.time()
    time.sleep(2)
    eventually(lambda: (Path(own.folder) / "mocklake.snapshot").stat().st_mtime > wrote)
    own.kill()
    own.begin()
    _assert_kept(own, "killed")


def test_a_kill_while_writing_leaves_a_state_that_starts(own: Cloud) -> None:
    s3 = own.client("s3", CONSUMER)
    for number in range(40):
        s3.put_object(Bucket="consumer-results", Key=f"many/{number}", Body=b"x" * 1000)
    own.kill()
    own.begin()
    kept = own.client("s3", CONSUMER).list_objects_v2(Bucket="consumer-results", Prefix="many/")
    assert kept["KeyCount"] <= 40


def test_the_seed_is_not_applied_to_a_restored_world(own: Cloud) -> None:
    own.client("glue", PRODUCER, region="eu-west-1").delete_table(
        DatabaseName="shop_archive", Name="old_orders"
    )
    own.end()
    own.begin()
    tables = own.client("glue", PRODUCER, region="eu-west-1").get_tables(DatabaseName="shop_archive")
    assert [table["Name"] for table in tables["TableList"]] == ["old_returns"]


def test_the_state_folder_is_for_its_owner_alone(own: Cloud) -> None:
    own.client("sqs", CENTRAL).create_queue(QueueName="private")
    for path in [Path(own.folder) / "control-token", Path(own.folder) / "mocklake.snapshot"]:
        eventually(path.exists)
        assert path.stat().st_mode & 0o077 == 0


def test_a_second_mocklake_on_the_same_folder_is_refused_in_one_line(own: Cloud) -> None:
    command = [sys.executable, "-m", "mocklake", "--state", str(own.folder)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert (second.returncode, second.stderr) == (1, f"mocklake: another mocklake runs on {own.folder}\n")


def test_a_snapshot_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mocklake.snapshot").write_bytes(b"not a snapshot")
    command = [sys.executable, "-m", "mocklake", "--state", str(tmp_path)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert refused.returncode == 1
    assert (
        refused.stderr == f"mocklake: {tmp_path}/mocklake.snapshot cannot be read; remove it to begin anew\n"
    )


def test_without_a_seed_there_is_one_empty_account(tmp_path: Path) -> None:
    with Cloud.start(tmp_path) as lone:
        assert lone.control("accounts") == {CENTRAL: "alone"}
        assert lone.client("glue", CENTRAL, region=REGION).get_databases()["DatabaseList"] == []


def test_what_a_killed_writer_left_behind_goes_with_the_next_snapshot(tmp_path: Path) -> None:
    (tmp_path / "mocklake.snapshot.123.new").write_bytes(b"half of a sta")
    snapshot.write_snapshot(tmp_path, World(accounts={CENTRAL: "alone"}))
    assert [path.name for path in tmp_path.glob("mocklake.snapshot*")] == ["mocklake.snapshot"]
    found = snapshot.read_snapshot(tmp_path)
    assert found is not None
    assert found.accounts == {CENTRAL: "alone"}
