"""Going back to a seed: the same as its first making, with times of now, and nothing lost when it is refused."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mocklake import moto_bridge
from mocklake.server import simulator
from mocklake.testing.in_process import ControlError, InProcess

OWNER, RECEIVER = "100000000001", "100000000002"
MESH = """
accounts: [{id: "100000000001", name: owner}, {id: "100000000002", name: receiver}]
roles:
  - {account: "100000000001", name: worker, trusts: ["100000000001"], allows: ["glue:*"], long_lived: true}
buckets:
  - {account: "100000000001", name: lake, region: eu-central-1, objects: [{key: a, text: first}]}
catalogs:
  - account: "100000000001"
    region: eu-central-1
    databases: [{name: sales, tables: [{name: orders, location: "s3://lake/orders", columns: [{name: id}]}]}]
    grants:
      - {principal: "100000000002", resource: {Table: {DatabaseName: sales, Name: orders}}, permissions: [SELECT]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mesh.yaml"
    path.write_text(MESH)
    return path


@pytest.fixture
def aws(file: Path) -> Iterator[InProcess]:
    with InProcess(seed=str(file), manners="polite") as running:
        yield running


def _tables(aws: InProcess) -> list[str]:
    glue = aws.client("glue", OWNER)
    return [one["Name"] for one in glue.get_tables(DatabaseName="sales")["TableList"]]


def _invitation(aws: InProcess) -> Any:
    (found,) = aws.client("ram", RECEIVER).get_resource_share_invitations()["resourceShareInvitations"]
    return found


def test_what_was_made_and_dropped_since_is_undone_twice(aws: InProcess) -> None:
    for _ in range(2):
        aws.client("glue", OWNER).delete_table(DatabaseName="sales", Name="orders")
        s3 = aws.client("s3", OWNER)
        s3.put_object(Bucket="lake", Key="b", Body=b"second")
        aws.control("reset", {})
        assert _tables(aws) == ["orders"]
        assert [one["Key"] for one in s3.list_objects_v2(Bucket="lake")["Contents"]] == ["a"]


def test_times_are_those_of_the_reset(aws: InProcess) -> None:
    before = _invitation(aws)["invitationTimestamp"]
    aws.control("reset", {})
    assert _invitation(aws)["status"] == "PENDING"
    assert _invitation(aws)["invitationTimestamp"] > before
    glue, now = aws.client("glue", OWNER), datetime.fromisoformat(aws.control("clock")["now"])
    made = glue.get_table(DatabaseName="sales", Name="orders")["Table"]["CreateTime"]
    assert abs((now - made).total_seconds()) < 60


def test_lasting_keys_go_on_and_sessions_end(aws: InProcess) -> None:
    lasting = aws.control(f"credentials?account={OWNER}&role=worker")
    root = aws.control(f"credentials?account={OWNER}")
    aws.control("reset", {})
    for keys in (lasting, root):
        assert aws.client_of("sts", keys).get_caller_identity()["Arn"].startswith("arn:aws:")
    assert aws.control(f"credentials?account={OWNER}&role=worker") == lasting


def test_another_seed_by_its_name_is_the_seed_from_then_on(aws: InProcess) -> None:
    for asked in ({"seed": "example"}, {}):
        aws.control("reset", asked)
        assert aws.control("accounts")[OWNER] == "Bakery"


def test_a_changed_file_is_read_again(aws: InProcess, file: Path) -> None:
    file.write_text(MESH.replace("orders", "returns"))
    aws.control("reset", {})
    assert _tables(aws) == ["returns"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("accounts: 5", "line 1: accounts is a list"),
        (MESH.replace("[SELECT]", "[SELCT]"), "line 12: catalogs[0].grants[0]"),
    ],
)
def test_a_seed_that_is_refused_leaves_everything_as_it_is(
    aws: InProcess, file: Path, text: str, reason: str
) -> None:
    aws.client("glue", OWNER).delete_table(DatabaseName="sales", Name="orders")
    file.write_text(text)
    with pytest.raises(ControlError) as refusal:
        aws.control("reset", {})
    assert reason in str(refusal.value)
    assert _tables(aws) == []
    assert aws.client("s3", OWNER).get_object(Bucket="lake", Key="a")["Body"].read() == b"first"


@pytest.mark.parametrize("asked", [{"seed": 5}, {"seed": "rivers"}])
def test_a_seed_that_is_not_there_is_400(aws: InProcess, asked: dict[str, Any]) -> None:
    with pytest.raises(ControlError) as refusal:
        aws.control("reset", asked)
    assert refusal.value.status == 400


@pytest.mark.parametrize("largest", [simulator.LARGEST, 1_000_000])
def test_large_objects_of_the_seed_come_back_and_later_ones_are_freed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int
) -> None:
    """From the seed's image, and made anew where the image would be too large."""
    monkeypatch.setattr(simulator, "LARGEST", largest)
    file, large = tmp_path / f"large-{largest}.yaml", b"x" * 6_000_000
    file.write_text(MESH.replace("text: first", f"text: {large.decode()}"))
    with InProcess(seed=str(file)) as aws:
        s3 = aws.client("s3", OWNER)
        s3.put_object(Bucket="lake", Key="b", Body=large)
        upload = s3.create_multipart_upload(Bucket="lake", Key="c")["UploadId"]
        s3.upload_part(Bucket="lake", Key="c", UploadId=upload, PartNumber=1, Body=large)
        bucket = moto_bridge.s3(OWNER).buckets["lake"]
        made = [bucket.keys["b"], bucket.multiparts[upload].parts[1]]
        s3.delete_object(Bucket="lake", Key="a")
        aws.control("reset", {})
        assert s3.get_object(Bucket="lake", Key="a")["Body"].read() == large
        assert all(one.disposed for one in made)
        assert "Uploads" not in s3.list_multipart_uploads(Bucket="lake")
