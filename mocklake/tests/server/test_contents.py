"""Large objects lie in files of their own, which are written once and removed when nothing needs them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mocklake.testing.checks import eventually
from mocklake.testing.server import ROOT, Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, MESH

BUCKET = "consumer-results"
LARGE = bytes(range(256)) * 24_000
"""Above 5 MiB, from where on moto by itself writes to a temporary file."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud.start(tmp_path, seed=str(MESH)) as started:
        yield started


def _list_files(own: Cloud) -> list[Path]:
    return sorted((own.folder / "mocklake.contents").glob("*"))


def _wait_for_snapshot(own: Cloud) -> None:
    """A database is made, and waited for until it is in the snapshot."""
    snapshot = own.folder / "mocklake.snapshot"
    name = f"marker-{snapshot.stat().st_mtime_ns if snapshot.exists() else 0}"
    own.client("glue", CENTRAL).create_database(DatabaseInput={"Name": name})
    eventually(lambda: snapshot.exists() and name.encode() in snapshot.read_bytes())


def _read(s3: Any, key: str) -> bytes:
    content: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


def test_objects_versions_and_uploads_are_there_after_a_kill(own: Cloud) -> None:
    s3 = own.client("s3", CONSUMER)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=BUCKET, Key="large", Body=LARGE)["VersionId"]
    s3.put_object(Bucket=BUCKET, Key="large", Body=LARGE + b"2")
    s3.copy_object(Bucket=BUCKET, Key="copied", CopySource={"Bucket": BUCKET, "Key": "large"})
    key = {"Bucket": BUCKET, "Key": "parts"}
    upload = s3.create_multipart_upload(**key)["UploadId"]
    parts = [
        {"PartNumber": 1, "ETag": s3.upload_part(**key, UploadId=upload, PartNumber=1, Body=LARGE)["ETag"]}
    ]
    _wait_for_snapshot(own)
    own.kill()
    own.begin()
    s3 = own.client("s3", CONSUMER)
    assert _read(s3, "large") == _read(s3, "copied") == LARGE + b"2"
    assert s3.get_object(Bucket=BUCKET, Key="large", VersionId=first)["Body"].read() == LARGE
    parts.append(
        {"PartNumber": 2, "ETag": s3.upload_part(**key, UploadId=upload, PartNumber=2, Body=b"end")["ETag"]}
    )
    s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload={"Parts": parts})
    assert _read(s3, "parts") == LARGE + b"end"


def test_a_content_is_written_once_for_its_owner_alone(own: Cloud) -> None:
    s3 = own.client("s3", CONSUMER)
    for key in ("one", "same"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=LARGE)
    _wait_for_snapshot(own)
    (written,) = _list_files(own)
    before = written.stat()
    assert before.st_mode & 0o077 == 0
    _wait_for_snapshot(own)
    after = written.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_nothing_needs_is_removed(own: Cloud) -> None:
    s3 = own.client("s3", CONSUMER)
    s3.put_object(Bucket=BUCKET, Key="going", Body=LARGE)
    _wait_for_snapshot(own)
    (own.folder / "mocklake.contents" / "left.123.new").write_bytes(b"half")
    s3.delete_object(Bucket=BUCKET, Key="going")
    eventually(lambda: _list_files(own) == [])


def test_a_reset_leaves_no_content(own: Cloud) -> None:
    own.client("s3", CONSUMER).put_object(Bucket=BUCKET, Key="going", Body=LARGE)
    _wait_for_snapshot(own)
    assert _list_files(own)
    own.control("reset", method="POST")
    eventually(lambda: _list_files(own) == [])
    own.kill()
    own.begin()
    assert own.client("s3", CONSUMER).list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_missing_content_is_told_in_one_line(own: Cloud) -> None:
    own.client("s3", CONSUMER).put_object(Bucket=BUCKET, Key="large", Body=LARGE)
    _wait_for_snapshot(own)
    own.end()
    for path in _list_files(own):
        path.unlink()
    command = [sys.executable, "-m", "mocklake", "--state", str(own.folder)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert refused.returncode == 1
    assert refused.stderr.startswith("mocklake: ")
    assert refused.stderr.count("\n") == 1
    own.folder.joinpath("mocklake.snapshot").unlink()
    own.begin()


def test_what_writes_a_snapshot_ends_when_its_server_is_killed(own: Cloud) -> None:
    """It holds the server's output, for whose end `kill` waits."""
    s3 = own.client("s3", CONSUMER)
    for number in range(12):
        s3.put_object(Bucket=BUCKET, Key=f"large/{number}", Body=bytes([number]) + LARGE)
    eventually(lambda: bool(_list_files(own)))
    own.kill()
    own.begin()
    assert own.client("s3", CONSUMER).list_objects_v2(Bucket=BUCKET)["KeyCount"] <= 12
