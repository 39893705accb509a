"""How each AWS protocol names an operation, carries its parameters, its answer and its error.

Written against botocore's service models: what a boto3 client sends and how it reads what comes back.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import OperationModel, ServiceModel
from werkzeug import Request, Response

from mocklake.errors import AwsError

PROTOCOL = {
    "lakeformation": "rest-json", "ram": "rest-json", "glue": "json", "athena": "json", "sts": "query",
    "iam": "query", "sqs": "json", "events": "json", "kms": "json", "s3": "s3",
    "cloudtrail": "json", "servicequotas": "json",
}  # fmt: skip
JSON_TYPES = ("application/x-amz-json-1.1", "application/x-amz-json-1.0", "application/json")
_MODEL_NAMES = {"servicequotas": "service-quotas"}
"""Where botocore's model is not called by the name that requests are signed for."""
UNKNOWN_KEY = {
    "query": ("InvalidClientTokenId", "The security token included in the request is invalid."),
    "json": ("UnrecognizedClientException", "The security token included in the request is invalid."),
    "rest-json": ("UnrecognizedClientException", "The security token included in the request is invalid."),
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
}
_NO_MATCH = "The request signature we calculated does not match the signature you provided."
WRONG_SIGNATURE = {
    "query": ("SignatureDoesNotMatch", _NO_MATCH),
    "json": ("InvalidSignatureException", _NO_MATCH),
    "rest-json": ("InvalidSignatureException", _NO_MATCH),
    "s3": ("SignatureDoesNotMatch", _NO_MATCH),
}
_CODE = re.compile(r'<Code>([^<]+)</Code>|"__type":\s*"(?:[^"#]*#)?([^"]+)"')
_QUERY_NAMESPACE = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/"}


@dataclass(frozen=True)
class Call:
    """One request after reading: an operation of a service with its parameters by their model names."""

    service: str
    operation: str
    parameters: dict[str, Any]


@cache
def model(service: str) -> ServiceModel:
    loader = botocore.session.get_session().get_component("data_loader")
    return ServiceModel(loader.load_service_model(_MODEL_NAMES.get(service, service), "service-2"))


def other_partition(protocol: str, token: str | None) -> AwsError:
    """A key of another partition is as unknown as any; S3 looks at a session's token first (aws-sdk #647)."""
    if protocol == "s3" and token:
        text = "The provided token is malformed or otherwise invalid."
        return AwsError("InvalidToken", text, status=400)
    return AwsError(*UNKNOWN_KEY[protocol], status=403)


def not_implemented(service: str, operation: str) -> AwsError:
    """501 is a status that botocore never retries."""
    return AwsError("MocklakeNotImplemented", f"mocklake has no {service}:{operation}", status=501)


def protocol_of(service: str, request: Request) -> str:
    """A service that mocklake does not have still gets its error in a form that its client can read."""
    if service in PROTOCOL:
        return PROTOCOL[service]
    if "X-Amz-Target" in request.headers:
        return "json"
    return "query" if request.mimetype == "application/x-www-form-urlencoded" else "rest-json"


def operation_of(service: str, request: Request) -> str:
    """The operation's name, or method and path when no operation is known to have them."""
    protocol = protocol_of(service, request)
    if "X-Amz-Target" in request.headers:
        return request.headers["X-Amz-Target"].rpartition(".")[2]
    if protocol in ("query", "json"):
        return request.form.get("Action", "") or f"{request.method} {request.path}"
    if protocol == "rest-json" and service in PROTOCOL:
        for pattern, operation in _routes(service)[request.method]:
            if pattern.fullmatch(request.path):
                return operation.name
    return f"{request.method} {request.path}"


def read(service: str, request: Request) -> Call:
    """Raises AwsError as AWS does for an operation that its model does not have, or a body that cannot be read."""
    name = operation_of(service, request)
    protocol = PROTOCOL[service]
    _check_operation(service, name, request)
    if protocol == "query":
        return Call(service, name, _query_parameters(request))
    operation = model(service).operation_model(name)
    if protocol == "json":
        return Call(service, name, _json_body(request))
    parameters = _json_body(request) if request.get_data() else {}
    parameters.update(_located_parameters(operation, request))
    return Call(service, name, parameters)


def _check_operation(service: str, name: str, request: Request) -> None:
    """Athena's answers to all of these were measured (athena-local, request errors)."""
    known = name in model(service).operation_names
    if PROTOCOL[service] == "query":
        if not request.form.get("Action"):
            raise AwsError("MissingAction", "Missing Action")
        if not known:
            version = request.form.get("Version", "")
            raise AwsError("InvalidAction", f"Could not find operation {name} for version {version}")
        return
    if not known:
        raise AwsError(
            "UnknownOperationException", "", status=404 if PROTOCOL[service] == "rest-json" else 400
        )
    if PROTOCOL[service] == "json":
        target = f"{model(service).metadata['targetPrefix']}.{name}"
        if request.headers.get("X-Amz-Target") != target or (request.method, request.path) != ("POST", "/"):
            raise AwsError("UnknownOperationException", "")
    if request.mimetype and request.mimetype not in JSON_TYPES:
        raise AwsError("UnknownOperationException", "", status=404)


def parameters_for_moto(service: str, request: Request) -> dict[str, Any]:
    """As far as they can be read without the service's model; for S3 bucket and key, as CloudTrail names them."""
    if PROTOCOL[service] == "s3":
        bucket, _, key = request.path.lstrip("/").partition("/")
        return {name: value for name, value in (("bucketName", bucket), ("key", key)) if value}
    if "X-Amz-Target" in request.headers:
        return _json_body(request)
    return _query_parameters(request)


def _json_body(request: Request) -> dict[str, Any]:
    try:
        text = request.get_data().decode()
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise AwsError("SerializationException", "") from None
    if isinstance(body, list):
        raise AwsError("SerializationException", "Start of list found where not expected")
    if not isinstance(body, dict):
        raise AwsError("SerializationException", "")
    return body


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


def _query_parameters(request: Request) -> dict[str, Any]:
    """Flat members only, and lists as the dotted names they came with: enough for STS."""
    return {name: value for name, value in request.form.items() if name not in ("Action", "Version")}


def _located_parameters(operation: OperationModel, request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    matched = _pattern(operation.http["requestUri"]).fullmatch(request.path)
    if operation.input_shape is None:
        return found
    for member, shape in operation.input_shape.members.items():
        wire = shape.serialization.get("name", member)
        place = shape.serialization.get("location")
        if place == "querystring" and wire in request.args:
            found[member] = _argument(request.args.getlist(wire), shape)
        if place == "uri" and matched:
            found[member] = unquote(matched.group(wire))
    return found


def _argument(texts: list[str], shape: Any) -> Any:
    """A text where it is not of the shape's type, which refuses it then."""
    if shape.type_name == "list":
        return texts
    text = texts[0]
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if shape.type_name in ("integer", "long") and text.lstrip("-").isdecimal():
        return int(text[:20])
    return text


@cache
def _routes(service: str) -> dict[str, list[tuple[re.Pattern[str], OperationModel]]]:
    routes: dict[str, list[tuple[re.Pattern[str], OperationModel]]] = {
        method: [] for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
    }
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        routes[operation.http["method"]].append((_pattern(operation.http["requestUri"]), operation))
    return routes


@cache
def _pattern(uri: str) -> re.Pattern[str]:
    path = uri.partition("?")[0]
    return re.compile(re.sub(r"\\{(\w+)\\?\+?\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "/?")


def write(service: str, operation: str, answer: dict[str, Any], request_id: str) -> Response:
    if PROTOCOL[service] == "query":
        return _query_answer(service, operation, answer, request_id)
    kind = "application/x-amz-json-1.1" if PROTOCOL[service] == "json" else "application/json"
    body = json.dumps(answer, default=_plain)
    return Response(body, 200, {"x-amzn-RequestId": request_id}, content_type=kind)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"an answer cannot hold {type(value).__name__}")


def _query_answer(service: str, operation: str, answer: dict[str, Any], request_id: str) -> Response:
    namespace = _QUERY_NAMESPACE[service]
    body = (
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>{_elements(answer)}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Response(body, 200, {"x-amzn-RequestId": request_id}, content_type="text/xml")


def _elements(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_elements(one)}</{name}>" for name, one in value.items())
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))


def error_code(response: Response) -> str:
    """The AWS error code that an answer carries; empty for success, the status where there is no code."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return ""
    found = _CODE.search(response.get_data(as_text=True))
    return (found[1] or found[2]) if found else str(response.status_code)


def answer_of_moto(service: str, response: Response) -> dict[str, Any] | None:
    """What moto answered, for services that answer JSON."""
    if PROTOCOL[service] != "json" or response.status_code >= HTTPStatus.BAD_REQUEST:
        return None
    answer = json.loads(response.get_data() or b"{}")
    return answer if isinstance(answer, dict) else None


def write_error(protocol: str, error: AwsError, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    if protocol in ("json", "rest-json"):
        headers["x-amzn-errortype"] = error.code
        told = {"message": error.message, "Message": error.message} if error.message else {}
        body = json.dumps({"__type": error.code, **told})
        return Response(body, error.status, headers, content_type="application/x-amz-json-1.1")
    detail = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "s3":
        xml = f"<Error>{detail}<RequestId>{request_id}</RequestId></Error>"
    else:
        xml = (
            f"<ErrorResponse><Error><Type>Sender</Type>{detail}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Response(f'<?xml version="1.0"?>{xml}', error.status, headers, content_type="application/xml")
