"""Presigned URLs: a signature in the query string, turned into the headers that every other request has.

Source: "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from mocklake.errors import AwsError

ALGORITHM = "AWS4-HMAC-SHA256"
LONGEST = 604_800
_FORM = "%Y%m%dT%H%M%SZ"


def with_headers(environ: dict[str, Any]) -> dict[str, Any]:
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


def check_time(environ: dict[str, Any], now: datetime) -> None:
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
    if not 0 < seconds <= LONGEST:
        text = f"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than {LONGEST} seconds"
        raise AwsError("AuthorizationQueryParametersError", text)
    if began + timedelta(seconds=seconds) < now:
        raise AwsError("AccessDenied", "Request has expired", status=403)
