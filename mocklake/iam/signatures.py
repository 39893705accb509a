"""Signatures: only who has the secret may use the access key. Presigned URLs are turned into signed requests first.

Source: "Create a signed AWS API request" in the IAM user guide.

Source: "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference.

Source: "Signing and Authenticating REST Requests" in the Amazon S3 API reference.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

from werkzeug import Request

from mocklake.errors import AwsError

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/(?P<scope>\d{8}/[^/]+/(?P<service>[^/]+)/aws4_request),\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
ALGORITHM = "AWS4-HMAC-SHA256"
LONGEST_SECONDS = 604_800
_FORM = "%Y%m%dT%H%M%SZ"
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


def is_genuine(request: Request, secret: str) -> bool:
    """Whether the request was signed with the secret, body included where its digest was signed."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    stamp = request.headers.get("X-Amz-Date", "")
    if found is None or not stamp.startswith(found["scope"][:8]):
        return False
    body = hashlib.sha256(request.get_data()).hexdigest()
    claimed = request.headers.get("X-Amz-Content-SHA256", body)
    if _DIGEST.fullmatch(claimed) and claimed != body:
        return False
    canonical = _build_canonical_request(request, found["service"], found["headers"], claimed)
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, found["scope"], hashed))
    return hmac.compare_digest(_compute_signature(secret, found["scope"], text), found["signature"])


def _build_canonical_request(request: Request, service: str, names: str, digest: str) -> str:
    path, _, query = str(request.environ["REQUEST_URI"]).partition("?")
    given = [one for one in query.split("&") if one and not one.startswith("X-Amz-Signature=")]
    pairs = sorted(tuple(one.partition("=")[::2]) for one in given)
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names.split(";")]
    encoded = path if service == "s3" else quote(path, safe="/~")
    arguments = "&".join(f"{name}={value}" for name, value in pairs)
    return "\n".join((request.method, encoded, arguments, *headers, "", names, digest))


def _compute_signature(secret: str, scope: str, text: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def move_signature_to_headers(environ: dict[str, Any]) -> dict[str, Any]:
    """The environment itself when its query string has no signature."""
    if "X-Amz-Signature=" not in environ.get("QUERY_STRING", ""):
        return environ
    asked = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    signed = f"Credential={asked.get('X-Amz-Credential', '')}, SignedHeaders={asked.get('X-Amz-SignedHeaders', '')}"
    made = {
        **environ,
        "HTTP_AUTHORIZATION": f"{ALGORITHM} {signed}, Signature={asked['X-Amz-Signature']}",
        "HTTP_X_AMZ_DATE": asked.get("X-Amz-Date", ""),
        "HTTP_X_AMZ_CONTENT_SHA256": "UNSIGNED-PAYLOAD",
        "mocklake.presigned": asked,
    }
    if "X-Amz-Security-Token" in asked:
        made["HTTP_X_AMZ_SECURITY_TOKEN"] = asked["X-Amz-Security-Token"]
    return made


def check_expiry(environ: dict[str, Any], now: datetime) -> None:
    """Raises AwsError AccessDenied when the URL has expired, AuthorizationQueryParametersError for what is no time."""
    asked = environ.get("mocklake.presigned")
    if asked is None:
        return
    try:
        began = datetime.strptime(asked.get("X-Amz-Date", ""), _FORM).replace(tzinfo=UTC)
        seconds = int(asked.get("X-Amz-Expires", ""))
    except ValueError as error:
        text = "Query-string authentication version 4 requires the X-Amz-Date and X-Amz-Expires parameters."
        raise AwsError("AuthorizationQueryParametersError", text) from error
    if not 0 < seconds <= LONGEST_SECONDS:
        text = f"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than {LONGEST_SECONDS} seconds"
        raise AwsError("AuthorizationQueryParametersError", text)
    if began + timedelta(seconds=seconds) < now:
        raise AwsError("AccessDenied", "Request has expired", status=403)


def is_presigned_v2(request: Request) -> bool:
    return request.args.keys() >= _NAMES and "Authorization" not in request.headers


def get_token_v2(request: Request) -> str | None:
    return request.args.get("x-amz-security-token")


def is_genuine_v2(request: Request, secret: str) -> bool:
    """Whether the address was signed with the secret."""
    arguments, headers = request.args, request.headers
    given = {name.lower(): value for name, value in (*headers.items(), *arguments.items())}
    extra = [f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-amz-")]
    body = [given.get(name, "") for name in ("content-md5", "content-type")]
    text = "\n".join((request.method, *body, arguments["Expires"], *extra, _build_resource_v2(request)))
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1"))
    return hmac.compare_digest(signature, arguments["Signature"].encode())


def check_expiry_v2(request: Request, now: datetime) -> None:
    """Raises AwsError AccessDenied after the address's end and for one without a time."""
    try:
        end = datetime.fromtimestamp(int(request.args["Expires"]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise AwsError("AccessDenied", "Invalid date (should be seconds since epoch)", status=403) from error
    if end < now:
        raise AwsError("AccessDenied", "Request has expired", status=403)


def _build_resource_v2(request: Request) -> str:
    path = str(request.environ["REQUEST_URI"]).partition("?")[0]
    signed = [
        one for one in request.args.items() if one[0] in _SUBRESOURCES or one[0].startswith("response-")
    ]
    parts = [f"{name}={value}" if value else name for name, value in sorted(signed)]
    return f"{path}?{'&'.join(parts)}" if parts else path
