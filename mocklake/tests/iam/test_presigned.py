"""Presigned URLs of S3: who holds one calls as its maker, until it expires."""

import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CONSUMER

BUCKET, KEY = "presigned-by-consumer", "folder/an object"


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    keys = cloud.control(f"credentials?account={CONSUMER}")
    made = boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name="eu-central-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        config=Config(signature_version="s3v4"),
    )
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return made


def _open(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    method, headers = ("PUT", {"Content-Type": "text/plain"}) if body is not None else ("GET", {})
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _url(s3: Any, operation: str, seconds: int = 60) -> str:
    return str(s3.generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": KEY}, ExpiresIn=seconds))


def test_an_object_is_written_and_read(s3: Any) -> None:
    assert _open(_url(s3, "put_object"), b"content") == (200, b"")
    assert _open(_url(s3, "get_object")) == (200, b"content")


def test_what_was_signed_is_not_changed(s3: Any) -> None:
    status, body = _open(_url(s3, "get_object").replace("folder", "other"))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_a_url_expires(cloud: Cloud, s3: Any) -> None:
    url = _url(s3, "get_object", 30)
    cloud.control("clock", {"offset_seconds": 60})
    try:
        status, body = _open(url)
    finally:
        cloud.control("clock", {"offset_seconds": 0})
    assert (status, b"Request has expired" in body) == (403, True)


def test_a_role_without_rights_signs_in_vain(cloud: Cloud, s3: Any) -> None:
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] >= 0
    keys = cloud.control(f"credentials?account={CONSUMER}&role=auditor")
    client = boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name="eu-central-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(signature_version="s3v4"),
    )
    status, body = _open(_url(client, "get_object"))
    assert (status, b"AccessDenied" in body) == (403, True)
