"""S3 across accounts and inside one: bucket policy and identity policy together."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, PRODUCER

BUCKET = "producer-shop-gold"
OBJECT = {"Bucket": BUCKET, "Key": "customers/part-00000.parquet"}


@pytest.mark.parametrize("role", ["analyst", "reporting", "lake-admin"])
def test_a_consumers_role_reads_no_object_of_the_producer(cloud: Cloud, role: str) -> None:
    s3 = cloud.client("s3", CONSUMER, role)
    assert refused(s3.get_object, **OBJECT) == "AccessDenied"
    assert refused(s3.head_object, **OBJECT) == "403"
    assert refused(s3.list_objects_v2, Bucket=BUCKET) == "AccessDenied"


def test_another_accounts_root_reads_no_object_of_the_producer(cloud: Cloud) -> None:
    assert refused(cloud.client("s3", CONSUMER).get_object, **OBJECT) == "AccessDenied"


def test_an_object_cannot_be_copied_out(cloud: Cloud) -> None:
    s3 = cloud.client("s3", CONSUMER)
    copy: dict[str, Any] = {"Bucket": "consumer-results", "Key": "stolen", "CopySource": OBJECT}
    assert refused(s3.copy_object, **copy) == "AccessDenied"
    assert refused(s3.head_object, Bucket="consumer-results", Key="stolen") == "404"


def test_the_producers_own_role_without_a_policy_is_refused(cloud: Cloud) -> None:
    s3 = cloud.client("s3", PRODUCER, "auditor")
    assert refused(s3.get_object, **OBJECT) == "AccessDenied"


def test_the_producer_reads_its_object(cloud: Cloud) -> None:
    body = cloud.client("s3", PRODUCER).get_object(**OBJECT)["Body"].read()
    assert body.startswith(b"PAR1")


def test_the_registered_role_reads_across_accounts_by_the_bucket_policy(cloud: Cloud) -> None:
    s3 = cloud.client("s3", CENTRAL, "data-access")
    assert s3.get_object(**OBJECT)["Body"].read().startswith(b"PAR1")
    assert refused(s3.put_object, **OBJECT, Body=b"x") == "AccessDenied"


def test_a_deny_in_the_bucket_policy_prevails_over_every_allow(cloud: Cloud) -> None:
    s3 = cloud.client("s3", CONSUMER)
    s3.create_bucket(Bucket="braked", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="braked", Key="one", Body=b"1")
    rule = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::braked/*"}
    s3.put_bucket_policy(Bucket="braked", Policy=json.dumps({"Version": "2012-10-17", "Statement": [rule]}))
    assert refused(s3.get_object, Bucket="braked", Key="one") == "AccessDenied"
    s3.delete_bucket_policy(Bucket="braked")
    assert s3.get_object(Bucket="braked", Key="one")["Body"].read() == b"1"


def test_a_role_uses_its_own_results_bucket(cloud: Cloud) -> None:
    s3 = cloud.client("s3", CONSUMER, "analyst")
    s3.put_object(Bucket="consumer-results", Key="a/b", Body=b"mine")
    assert s3.get_object(Bucket="consumer-results", Key="a/b")["Body"].read() == b"mine"


def test_a_bucket_that_does_not_exist_is_said_to_be_missing(cloud: Cloud) -> None:
    assert refused(cloud.client("s3", CONSUMER).get_object, Bucket="nowhere", Key="x") == "NoSuchBucket"
