"""Reads CloudTrail: its log files in S3, and its events from the SQS queue that EventBridge fills.

A file's name holds the minute of its delivery; its records may be older.
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

from workers.aws.errors import read_with_retries, translate_errors

FILE_NAME = re.compile(r"\d{12}_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4}Z)_[A-Za-z0-9]+\.json\.gz")
TIME_FORMAT = "%Y%m%dT%H%MZ"


class UnreadableFileError(Exception):
    """The file is not gzipped JSON with records."""


def parse_delivery_time(key: str) -> datetime | None:
    """The delivery time in the file's name; None if it is no log file."""
    found = FILE_NAME.fullmatch(key.rsplit("/", 1)[-1])
    return datetime.strptime(found[1], TIME_FORMAT).replace(tzinfo=UTC) if found else None


@dataclass(frozen=True)
class LogFolder:
    """Where the files of one account and region lie: `<path>/<account>/CloudTrail/<region>/<day>/`."""

    bucket: str
    path: str
    account: str
    region: str


def list_keys_of_day(s3: Any, where: LogFolder, begin: datetime) -> Iterator[str]:
    """Keys of the files delivered on the day of `begin`, from that minute on, oldest first. AwsError."""
    day = f"{where.path}/{where.account}/CloudTrail/{where.region}/{begin:%Y/%m/%d}/"
    first = f"{day}{where.account}_CloudTrail_{where.region}_{begin:{TIME_FORMAT}}"
    asked = {"Bucket": where.bucket, "Prefix": day, "StartAfter": first}
    while True:
        answer = read_with_retries(partial(s3.list_objects_v2, **asked))
        yield from (
            content["Key"] for content in answer.get("Contents") or () if parse_delivery_time(content["Key"])
        )
        if not answer.get("IsTruncated"):
            return
        asked["ContinuationToken"] = answer["NextContinuationToken"]


def read_records(s3: Any, bucket: str, key: str) -> list[Mapping[str, Any]]:
    """All records of a file. AwsError; UnreadableFileError."""

    def content() -> bytes:
        found: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    body = read_with_retries(content)
    try:
        found = json.loads(gzip.decompress(body))["Records"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(key) from error
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


MAX_MESSAGES = 10


@dataclass(frozen=True)
class Message:
    """`event` is None if the body is not a JSON object; such a message is deleted."""

    receipt: str
    event: dict[str, Any] | None


def receive_messages(sqs: Any, queue_url: str, wait: int) -> list[Message]:
    """Up to ten messages; waits so many seconds for the first. AwsError when the queue does not answer."""
    with translate_errors():
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=MAX_MESSAGES, WaitTimeSeconds=wait
        )
    return [
        Message(message["ReceiptHandle"], _parse_event(message["Body"]))
        for message in answer.get("Messages") or ()
    ]


def delete_messages(sqs: Any, queue_url: str, messages: list[Message]) -> None:
    """Delete messages. Those that fail are received again, which does no harm."""
    entries = [{"Id": str(at), "ReceiptHandle": each.receipt} for at, each in enumerate(messages)]
    with translate_errors():
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


def _parse_event(body: str) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
