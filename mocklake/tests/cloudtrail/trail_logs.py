"""A trail that logs, and its files read back."""

import gzip
import json
from typing import Any

from mocklake.testing.server import Aws
from mocklake.testing.trail_bucket import bucket
from mocklake.tests.events.queues import CENTRAL


def trail(aws: Aws, account: str = CENTRAL, name: str = "trail", **options: Any) -> Any:
    """A client of CloudTrail in whose account a trail of this name logs into the bucket `<account>-logs`."""
    bucket(aws, account, f"{account}-logs")
    cloudtrail = aws.client("cloudtrail", account)
    cloudtrail.create_trail(Name=name, S3BucketName=f"{account}-logs", **options)
    cloudtrail.start_logging(Name=name)
    return cloudtrail


def logged(aws: Aws, account: str = CENTRAL) -> list[dict[str, Any]]:
    """All records in all files of the account's trail, after delivery; files are in no order."""
    aws.control("trail", {})
    s3 = aws.client("s3", account)
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=f"{account}-logs").get("Contents", [])]
    bodies = [s3.get_object(Bucket=f"{account}-logs", Key=key)["Body"].read() for key in keys]
    return [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]


def named(records: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for one in records if one["eventName"] == name]
