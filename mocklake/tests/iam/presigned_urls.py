"""S3 clients that presign, and how anybody opens what they signed."""

import urllib.error
import urllib.request
from typing import Any

import boto3
from botocore.config import Config

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CONSUMER


def make_client(cloud: Cloud, *, region: str, version: str, role: str = "") -> Any:
    """The consumer's root or a role of its; `version` of signatures is `s3` (2) or `s3v4`."""
    keys = cloud.control(f"credentials?account={CONSUMER}&role={role}")
    return boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name=region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
        config=Config(signature_version=version),
    )


def open_url(url: str, body: bytes | None = None) -> tuple[int, bytes, str | None]:
    """Status, body and content type of a GET, or of a PUT of a body."""
    method, headers = ("PUT", {"Content-Type": "text/plain"}) if body is not None else ("GET", {})
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), None
