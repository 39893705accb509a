"""Presigned URLs of signature version 2, which boto3 makes unless it is told another."""

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CONSUMER

BUCKET, KEY = "presigned-by-version-two", "folder/an object"


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    keys = cloud.control(f"credentials?account={CONSUMER}")
    made = boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        config=Config(signature_version="s3"),
    )
    cloud.client("s3", CONSUMER, region="us-east-1").create_bucket(Bucket=BUCKET)
    cloud.client("s3", CONSUMER, region="us-east-1").put_object(Bucket=BUCKET, Key=KEY, Body=b"content")
    return made


def _read(url: str) -> tuple[int, bytes, str | None]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), None


def _url(s3: Any, seconds: int = 60, **options: str) -> str:
    parameters = {"Bucket": BUCKET, "Key": KEY, **options}
    return str(s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds))


def test_an_object_is_read(s3: Any) -> None:
    url = _url(s3, ResponseContentType="image/jpeg")
    assert "AWSAccessKeyId" in parse_qs(urlsplit(url).query)
    assert _read(url) == (200, b"content", "image/jpeg")


@pytest.mark.parametrize(
    ("old", "new"), [("folder", "other"), ("image%2Fjpeg", "image%2Fpng"), ("Expires=", "Expires=9")]
)
def test_what_was_signed_is_not_changed(s3: Any, old: str, new: str) -> None:
    url = _url(s3, ResponseContentType="image/jpeg")
    assert old in url
    status, body, _ = _read(url.replace(old, new))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_a_url_expires(cloud: Cloud, s3: Any) -> None:
    url = _url(s3, 30)
    cloud.control("clock", {"offset_seconds": 60})
    try:
        status, body, _ = _read(url)
    finally:
        cloud.control("clock", {"offset_seconds": 0})
    assert (status, b"Request has expired" in body) == (403, True)
