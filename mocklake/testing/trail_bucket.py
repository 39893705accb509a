"""A bucket into which CloudTrail may write."""

import json

from mocklake.testing.in_process import REGION
from mocklake.testing.server import Aws

SERVICE = {"Service": "cloudtrail.amazonaws.com"}


def bucket(aws: Aws, account: str, name: str, *, prefix: str = "", writers: str = "") -> None:
    """A bucket that CloudTrail may write to for one account."""
    s3 = aws.client("s3", account)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    folder = f"{prefix}/" if prefix else ""
    put = f"arn:aws:s3:::{name}/{folder}AWSLogs/{writers or account}/*"
    full = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    allowed = {"Effect": "Allow", "Principal": SERVICE}
    rules = [
        {**allowed, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{name}"},
        {**allowed, "Action": "s3:PutObject", "Resource": put, "Condition": full},
    ]
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Statement": rules}))
