"""Bucket policies with conditions on the request, the reader and the way it comes."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR

BUCKET = "arn:aws:s3:::central-lake"
READER = f"arn:aws:iam::{CONSUMER}:role/analyst"


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def _open(aws: InProcess, *rules: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(rules)})
    aws.client("s3", CENTRAL).put_bucket_policy(Bucket="central-lake", Policy=policy)


def _rule(action: str, resource: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": "*", "Action": action, "Resource": resource, **more}


def test_a_listing_may_be_opened_for_a_prefix(aws: InProcess) -> None:
    _open(aws, _rule("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": "orders/*"}}))
    s3 = aws.client("s3", CONSUMER, "analyst")
    assert s3.list_objects_v2(Bucket="central-lake", Prefix="orders/")["KeyCount"] == 1
    assert refused(s3.list_objects_v2, Bucket="central-lake") == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket="central-lake", Prefix="open/") == "AccessDenied"


def test_a_bucket_may_be_opened_for_one_principal_or_account(aws: InProcess) -> None:
    for condition in (
        {"ArnEquals": {"aws:PrincipalArn": READER}},
        {"StringEquals": {"aws:PrincipalAccount": CONSUMER}},
    ):
        _open(aws, _rule("s3:ListBucket", BUCKET, Condition=condition))
        assert aws.client("s3", CONSUMER, "analyst").list_objects_v2(Bucket="central-lake")["KeyCount"] == 3
        partner = aws.client("s3", "333333333333", "analyst")
        assert refused(partner.list_objects_v2, Bucket="central-lake") == "AccessDenied"


def test_a_refusal_of_insecure_transport_refuses_nothing_here(aws: InProcess) -> None:
    deny = _rule("s3:*", f"{BUCKET}*", "Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    _open(aws, deny, _rule("s3:ListBucket", BUCKET))
    assert aws.client("s3", CONSUMER, "analyst").list_objects_v2(Bucket="central-lake")["KeyCount"] == 3


def test_objects_are_listed_by_pages_and_folders(aws: InProcess) -> None:
    s3 = aws.client("s3", CENTRAL)
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket="central-lake", PaginationConfig={"PageSize": 1}
    )
    assert len([key for page in pages for key in page["Contents"]]) == 3
    folders = s3.list_objects_v2(Bucket="central-lake", Delimiter="/")["CommonPrefixes"]
    assert [one["Prefix"] for one in folders] == ["customers/", "open/", "orders/"]
