"""Presigned URLs of signature version 2, which boto3 and the AWS CLI make by default where S3 still takes it.

Source: "Signing and Authenticating REST Requests" in the Amazon S3 API reference.
"""

import base64
import hmac
from datetime import UTC, datetime

from werkzeug import Request

from mocklake.errors import AwsError

REGION = "us-east-1"
"""The address says none."""
_NAMES = frozenset({"AWSAccessKeyId", "Signature", "Expires"})
_SUBRESOURCES = frozenset(
    [
        "accelerate",
        "acl",
        "cors",
        "delete",
        "lifecycle",
        "location",
        "logging",
        "notification",
        "partNumber",
        "policy",
        "requestPayment",
        "restore",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    ]
)


def is_presigned(request: Request) -> bool:
    return request.args.keys() >= _NAMES and "Authorization" not in request.headers


def token(request: Request) -> str | None:
    return request.args.get("x-amz-security-token")


def is_genuine(request: Request, secret: str) -> bool:
    """Whether the address was signed with the secret."""
    arguments, headers = request.args, request.headers
    given = {name.lower(): value for name, value in (*headers.items(), *arguments.items())}
    extra = [f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-amz-")]
    body = [given.get(name, "") for name in ("content-md5", "content-type")]
    text = "\n".join((request.method, *body, arguments["Expires"], *extra, _resource(request)))
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1"))
    return hmac.compare_digest(signature, arguments["Signature"].encode())


def check_time(request: Request, now: datetime) -> None:
    """Raises AwsError AccessDenied after the address's end and for one without a time."""
    try:
        end = datetime.fromtimestamp(int(request.args["Expires"]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise AwsError("AccessDenied", "Invalid date (should be seconds since epoch)", status=403) from error
    if end < now:
        raise AwsError("AccessDenied", "Request has expired", status=403)


def _resource(request: Request) -> str:
    path = str(request.environ["REQUEST_URI"]).partition("?")[0]
    signed = [
        one for one in request.args.items() if one[0] in _SUBRESOURCES or one[0].startswith("response-")
    ]
    parts = [f"{name}={value}" if value else name for name, value in sorted(signed)]
    return f"{path}?{'&'.join(parts)}" if parts else path
