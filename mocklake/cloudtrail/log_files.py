"""Log files in S3, as AWS names and fills them, where the bucket's policy lets CloudTrail in.

Source: CloudTrail user guide, "Finding your CloudTrail log files" and "Amazon S3 bucket policy for CloudTrail".
What cannot be delivered is kept and tried again with the next file; GetTrailStatus tells why.
"""

import gzip
import secrets
import string
from datetime import timedelta

from mocklake import moto_bridge
from mocklake.cloudtrail.store import Trail, store_of
from mocklake.iam.policy_documents import Decision, decide, statements
from mocklake.world import World

SERVICE = "cloudtrail.amazonaws.com"
RECORDS_A_FILE = 5_000
_ALPHABET = string.ascii_letters + string.digits


def deliver_due(world: World) -> bool:
    """Whether anything was to be delivered by mocklake's clock."""
    store = store_of(world)
    if store.due is None or world.now() < store.due:
        return False
    deliver(world)
    return True


def deliver(world: World) -> list[str]:
    """All that is pending, now; the files as `s3://bucket/key`."""
    store = store_of(world)
    written = [one for trail in store.trails.values() for one in _deliver(world, trail)]
    left = any(one for trail in store.trails.values() for one in trail.pending.values())
    store.due = world.now() + timedelta(seconds=store.interval_seconds) if left else None
    return written


def _deliver(world: World, trail: Trail) -> list[str]:
    written = []
    for region in sorted(region for region, pending in trail.pending.items() if pending):
        trail.attempted = world.now()
        trail.error = fault_of(trail.account, trail.bucket, trail.prefix, trail.arn)
        if trail.error:
            break
        pending = trail.pending[region]
        while pending:
            records = [pending.popleft() for _ in range(min(RECORDS_A_FILE, len(pending)))]
            key = _key(world, trail, region)
            content = gzip.compress(
                f'{{"Records":[{",".join(records)}]}}'.encode("utf-8", "replace"), mtime=0
            )
            moto_bridge.put_object(trail.bucket, key, content)
            written.append(f"s3://{trail.bucket}/{key}")
        trail.delivered = trail.attempted
    return written


def _key(world: World, trail: Trail, region: str) -> str:
    now = world.now()
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    name = f"{trail.account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{suffix}.json.gz"
    return f"{_folder(trail.account, trail.prefix)}/CloudTrail/{region}/{now:%Y/%m/%d}/{name}"


def _folder(account: str, prefix: str) -> str:
    return f"{prefix}/AWSLogs/{account}" if prefix else f"AWSLogs/{account}"


def fault_of(account: str, bucket: str, prefix: str, trail_arn: str) -> str:
    """Why nothing can be delivered: NoSuchBucket, AccessDenied; empty when it can."""
    if moto_bridge.bucket_owner(bucket) is None:
        return "NoSuchBucket"
    rules = statements(moto_bridge.bucket_policy(bucket))
    whole = moto_bridge.object_arn(bucket)
    context = {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:SourceArn": trail_arn,
        "aws:SourceAccount": account,
        "aws:SecureTransport": "true",
    }
    asked = {"s3:GetBucketAcl": whole, "s3:PutObject": f"{whole}/{_folder(account, prefix)}/x"}
    allowed = all(
        decide(rules, action, resource, principal=SERVICE, context=context) is Decision.ALLOW
        for action, resource in asked.items()
    )
    return "" if allowed else "AccessDenied"
