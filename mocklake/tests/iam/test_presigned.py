"""Presigned URLs of S3: who holds one calls as its maker, until it expires."""

from typing import Any

import pytest

from mocklake.testing.server import Cloud
from mocklake.tests.iam.presigned_urls import make_client, open_url

BUCKET, KEY = "presigned-by-consumer", "folder/an object"


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    made = make_client(cloud, region="eu-central-1", version="s3v4")
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return made


def _url(s3: Any, operation: str, seconds: int = 60) -> str:
    return str(s3.generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": KEY}, ExpiresIn=seconds))


def test_an_object_is_written_and_read(s3: Any) -> None:
    assert open_url(_url(s3, "put_object"), b"content")[:2] == (200, b"")
    assert open_url(_url(s3, "get_object"))[:2] == (200, b"content")


def test_what_was_signed_is_not_changed(s3: Any) -> None:
    status, body, _ = open_url(_url(s3, "get_object").replace("folder", "other"))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_a_url_expires(cloud: Cloud, s3: Any) -> None:
    url = _url(s3, "get_object", 30)
    cloud.control("clock", {"offset_seconds": 60})
    try:
        status, body, _ = open_url(url)
    finally:
        cloud.control("clock", {"offset_seconds": 0})
    assert (status, b"Request has expired" in body) == (403, True)


def test_a_role_without_rights_signs_in_vain(cloud: Cloud, s3: Any) -> None:
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] >= 0
    client = make_client(cloud, region="eu-central-1", version="s3v4", role="auditor")
    status, body, _ = open_url(_url(client, "get_object"))
    assert (status, b"AccessDenied" in body) == (403, True)
