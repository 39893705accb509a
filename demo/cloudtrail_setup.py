"""The trails of the pretend AWS, laid where the bank's catalogs lie."""

import json
from typing import Any

from demo.bank.accounts import OBSERVER_ROLE
from demo.bank.trails import TRAILS, BankTrail
from demo.journey.cloud import Cloud
from demo.supervisor.supervisor import Supervisor

TRAIL_NAME = "harbour"
SECONDS_BETWEEN_FILES = 10
CLOUDTRAIL_PRINCIPAL = {"Service": "cloudtrail.amazonaws.com"}
_VERSION = "2012-10-17"


def create_trails(supervisor: Supervisor) -> None:
    """Once for each state: bucket, policies and trail of each catalog's account."""
    cloud = Cloud(supervisor.aws_port, supervisor.folder.path / "aws")
    stamp = supervisor.folder.path / "trails-made"
    if not stamp.exists():
        for row in TRAILS:
            cloudtrail = cloud.root("cloudtrail", row.account, row.region)
            if not cloudtrail.describe_trails(trailNameList=[TRAIL_NAME])["trailList"]:
                _create_trail(cloud, cloudtrail, row)
        stamp.touch()
    cloud.control("trail", {"interval_seconds": SECONDS_BETWEEN_FILES})


def _create_trail(cloud: Cloud, cloudtrail: Any, row: BankTrail) -> None:
    s3 = cloud.root("s3", row.account, row.region)
    s3.create_bucket(Bucket=row.bucket, CreateBucketConfiguration={"LocationConstraint": row.region})
    whole, objects = f"arn:aws:s3:::{row.bucket}", f"arn:aws:s3:::{row.bucket}/AWSLogs/{row.account}/*"
    full = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    let_in: list[dict[str, Any]] = [
        {"Action": "s3:GetBucketAcl", "Resource": whole},
        {"Action": "s3:PutObject", "Resource": objects, "Condition": full},
    ]
    s3.put_bucket_policy(
        Bucket=row.bucket, Policy=_document({"Principal": CLOUDTRAIL_PRINCIPAL, **one} for one in let_in)
    )
    reads = ({"Action": "s3:ListBucket", "Resource": whole}, {"Action": "s3:GetObject", "Resource": objects})
    cloud.root("iam", row.account).put_role_policy(
        RoleName=OBSERVER_ROLE, PolicyName="trail", PolicyDocument=_document(reads)
    )
    cloudtrail.create_trail(Name=TRAIL_NAME, S3BucketName=row.bucket)
    cloudtrail.start_logging(Name=TRAIL_NAME)


def _document(rules: Any) -> str:
    return json.dumps({"Version": _VERSION, "Statement": [{"Effect": "Allow", **one} for one in rules]})
