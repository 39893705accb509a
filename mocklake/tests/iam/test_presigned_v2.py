"""Presigned URLs of signature version 2, which boto3 makes unless it is told another."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CONSUMER
from mocklake.tests.iam.presigned_urls import make_client, open_url

BUCKET, KEY = "presigned-by-version-two", "folder/an object"


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    made = make_client(cloud, region="us-east-1", version="s3")
    cloud.client("s3", CONSUMER, region="us-east-1").create_bucket(Bucket=BUCKET)
    cloud.client("s3", CONSUMER, region="us-east-1").put_object(Bucket=BUCKET, Key=KEY, Body=b"content")
    return made


def _url(s3: Any, seconds: int = 60, **options: str) -> str:
    parameters = {"Bucket": BUCKET, "Key": KEY, **options}
    return str(s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds))


def test_an_object_isopen_url(s3: Any) -> None:
    url = _url(s3, ResponseContentType="image/jpeg")
    assert "AWSAccessKeyId" in parse_qs(urlsplit(url).query)
    assert open_url(url) == (200, b"content", "image/jpeg")


@pytest.mark.parametrize(
    ("old", "new"), [("folder", "other"), ("image%2Fjpeg", "image%2Fpng"), ("Expires=", "Expires=9")]
)
def test_what_was_signed_is_not_changed(s3: Any, old: str, new: str) -> None:
    url = _url(s3, ResponseContentType="image/jpeg")
    assert old in url
    status, body, _ = open_url(url.replace(old, new))
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_a_url_expires(cloud: Cloud, s3: Any) -> None:
    url = _url(s3, 30)
    cloud.control("clock", {"offset_seconds": 60})
    try:
        status, body, _ = open_url(url)
    finally:
        cloud.control("clock", {"offset_seconds": 0})
    assert (status, b"Request has expired" in body) == (403, True)
