"""Signature Version 4: only who has the secret may use the access key.

Source: "Create a signed AWS API request" in the IAM user guide.
"""

import hashlib
import hmac
import re
from urllib.parse import quote

from werkzeug import Request

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/(?P<scope>\d{8}/[^/]+/(?P<service>[^/]+)/aws4_request),\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")


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
    canonical = _canonical(request, found["service"], found["headers"], claimed)
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, found["scope"], hashed))
    return hmac.compare_digest(_signature(secret, found["scope"], text), found["signature"])


def _canonical(request: Request, service: str, names: str, digest: str) -> str:
    path, _, query = str(request.environ["REQUEST_URI"]).partition("?")
    given = [one for one in query.split("&") if one and not one.startswith("X-Amz-Signature=")]
    pairs = sorted(tuple(one.partition("=")[::2]) for one in given)
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names.split(";")]
    encoded = path if service == "s3" else quote(path, safe="/~")
    arguments = "&".join(f"{name}={value}" for name, value in pairs)
    return "\n".join((request.method, encoded, arguments, *headers, "", names, digest))


def _signature(secret: str, scope: str, text: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()
