"""CloudTrail's log files in S3: which there are, and their records (CloudTrail user guide, "log file examples").

A file's name tells when it was delivered, to the minute; its records may be of any moment before.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from workers.aws.errors import read

NAME = re.compile(r"\d{12}_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4}Z)_[A-Za-z0-9]+\.json\.gz")
MINUTE = "%Y%m%dT%H%MZ"


class UnreadableFileError(Exception):
    """It is no gzipped JSON with records."""


def delivered_at(key: str) -> datetime | None:
    """By the file's name; None for what is no log file."""
    found = NAME.fullmatch(key.rsplit("/", 1)[-1])
    return datetime.strptime(found[1], MINUTE).replace(tzinfo=UTC) if found else None


@dataclass(frozen=True)
class Folder:
    """Where the files of one account and region lie: `<path>/<account>/CloudTrail/<region>/<day>/`."""

    bucket: str
    path: str
    account: str
    region: str


def keys_of_day(s3: Any, where: Folder, begin: datetime) -> Iterator[str]:
    """Keys of the files delivered on the day of `begin`, from that minute on, oldest first. AwsError."""
    day = f"{where.path}/{where.account}/CloudTrail/{where.region}/{begin:%Y/%m/%d}/"
    first = f"{day}{where.account}_CloudTrail_{where.region}_{begin:{MINUTE}}"
    asked = {"Bucket": where.bucket, "Prefix": day, "StartAfter": first}
    while True:
        answer = read(partial(s3.list_objects_v2, **asked))
        yield from (one["Key"] for one in answer.get("Contents") or () if delivered_at(one["Key"]))
        if not answer.get("IsTruncated"):
            return
        asked["ContinuationToken"] = answer["NextContinuationToken"]


def records_in(s3: Any, bucket: str, key: str) -> list[Mapping[str, Any]]:
    """All records of a file. AwsError; UnreadableFileError."""

    def content() -> bytes:
        found: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    body = read(content)
    try:
        found = json.loads(gzip.decompress(body))["Records"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(key) from error
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
