"""`kill -9` at random moments while large objects, parts and databases are written."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from mocklake.testing.checks import eventually
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, MESH

BUCKET = "consumer-results"
MEGABYTE = 1_048_576
PAUSE_SECONDS = 5.0
"""A second after a write at the latest, and what two snapshots and the rest between them take on a busy machine."""
KILLS_PER_RUN = 2
RUNS = int(os.environ.get("MOCKLAKE_KILL_RUNS", "2"))
"""Each takes some 20 seconds; 50 in a long run."""
ONLY_WHEN_ASKED = [pytest.param(run, marks=pytest.mark.all) for run in range(1, RUNS)]


class Round:
    """What was written under one prefix, and when it was answered."""

    def __init__(self, cloud: Cloud, prefix: str, chance: random.Random) -> None:
        self.cloud, self.prefix = cloud, prefix
        self.written: list[tuple[float, str, Any]] = []
        self._contents = [chance.randbytes(5 * MEGABYTE + chance.randrange(MEGABYTE)) for _ in range(3)]
        self._s3, self._glue = cloud.client("s3", CONSUMER), cloud.client("glue", CENTRAL)

    def write_until_killed(self) -> None:
        number = 0
        try:
            while True:
                number += 1
                for write in (self._put_object, self._upload_parts, self._create_database):
                    kind, what = write(f"{self.prefix}-{number}", self._contents[number % 3])
                    self.written.append((time.monotonic(), kind, what))
                time.sleep(0.5)
        except (BotoCoreError, KeyError):
            return  # KeyError: the answer was cut off before its UploadId.

    def _put_object(self, name: str, content: bytes) -> tuple[str, Any]:
        self._s3.put_object(Bucket=BUCKET, Key=name, Body=content)
        return "object", (name, content)

    def _upload_parts(self, name: str, content: bytes) -> tuple[str, Any]:
        key = {"Bucket": BUCKET, "Key": f"{name}-parts"}
        upload = self._s3.create_multipart_upload(**key)["UploadId"]
        for number in (1, 2):
            self._s3.upload_part(**key, UploadId=upload, PartNumber=number, Body=content)
        return "upload", (key, upload, content)

    def _create_database(self, name: str, _content: bytes) -> tuple[str, Any]:
        self._glue.create_database(DatabaseInput={"Name": name})
        return "database", name

    def list_lost(self, before: float) -> list[str]:
        self._s3, self._glue = self.cloud.client("s3", CONSUMER), self.cloud.client("glue", CENTRAL)
        kept: dict[str, Callable[[Any], bool]] = {
            "object": self._is_object_kept,
            "upload": self._is_upload_kept,
            "database": self._is_database_kept,
        }
        due = [(kind, what) for when, kind, what in self.written if when < before]
        assert due, "nothing was written early enough"
        return [f"{kind} {str(what)[:40]}" for kind, what in due if not _or_lost(kept[kind], what)]

    def _is_object_kept(self, what: Any) -> bool:
        name, content = what
        return bool(self._s3.get_object(Bucket=BUCKET, Key=name)["Body"].read() == content)

    def _is_upload_kept(self, what: Any) -> bool:
        """Also one that was not completed: it can be."""
        key, upload, content = what
        parts = self._s3.list_parts(**key, UploadId=upload)["Parts"]
        named = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
        self._s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload={"Parts": named})
        return bool(self._s3.get_object(**key)["Body"].read() == content * 2)

    def _is_database_kept(self, name: Any) -> bool:
        return bool(self._glue.get_database(Name=name)["Database"]["Name"] == name)

    def remove(self) -> None:
        for one in self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self._s3.delete_object(Bucket=BUCKET, Key=one["Key"])
        for one in self._s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            self._s3.abort_multipart_upload(Bucket=BUCKET, Key=one["Key"], UploadId=one["UploadId"])


def _or_lost(is_kept: Callable[[Any], bool], what: Any) -> bool:
    try:
        return is_kept(what)
    except ClientError:
        return False


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud.start(tmp_path, seed=str(MESH)) as started:
        yield started


@pytest.mark.parametrize("run", [0, *ONLY_WHEN_ASKED])
def test_what_was_written_a_pause_before_a_kill_is_there_after_it(own: Cloud, run: int) -> None:
    chance = random.Random()
    for number in range(KILLS_PER_RUN):
        current = Round(own, f"kill-{run}-{number}", chance)
        writer = threading.Thread(target=current.write_until_killed)
        writer.start()
        eventually(lambda current=current: bool(current.written))  # type: ignore[misc]
        time.sleep(PAUSE_SECONDS + chance.uniform(0.5, 2.0))
        killed = time.monotonic()
        own.kill()
        writer.join()
        own.begin()
        assert current.list_lost(killed - PAUSE_SECONDS) == [], f"after kill {number + 1}"
        current.remove()
