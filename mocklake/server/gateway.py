"""The front door as WSGI: who calls, which operation, may they, and the answer in the right protocol.

Members, types, enumerations and needed members of an answer; the code of a refusal. botocore's own reading is lenient:
it passes over what it does not know, so a misspelt member would show as an absent one.
"""

import io
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.model import OperationModel, Shape
from werkzeug import Request, Response

from mocklake import moto_bridge, protocols
from mocklake.errors import AwsError
from mocklake.faults.injected import Fault
from mocklake.glue import column_statistics
from mocklake.iam import resource_access, signatures
from mocklake.iam.access_keys import OtherPartitionError, UnknownAccessKeyError, identify
from mocklake.iam.callers import Caller, require
from mocklake.iam.signatures import is_genuine
from mocklake.lakeformation.changes import list_iam_resources
from mocklake.served_call import Happening
from mocklake.server.control_api import Control
from mocklake.server.operations import HANDLERS, find_handler
from mocklake.server.simulator import Simulator
from mocklake.validation.query_strings import structured
from mocklake.validation.requests import validated
from mocklake.world import World

ERROR_SERVER = 500
MOTO_LACKS = (NotImplementedError, ImportError, LookupError, TypeError, ValueError, AttributeError)
"""A call that moto lacks, an optional package of moto's for it, and what moto does with values it does not expect."""
_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_READS = ("Get", "List", "Describe", "Search", "BatchGet", "Head", "GET ", "HEAD ", "Simulate", "Lookup")
_VENDING = "GetTemporaryGlue"
"""Lake Formation's reads that make a session; IAM allows them as GetDataAccess."""
log = logging.getLogger("mocklake")
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]
COMMON = frozenset({
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "MocklakeNotImplemented", "ExpiredToken",
    "ExpiredTokenException", "InternalFailure", "InvalidParameterValue", "InvalidSignatureException",
    "MissingParameter", "SerializationException", "ServiceUnavailable", "ServiceUnavailableException", "Throttling",
    "ThrottlingException", "ValidationError", "ValidationException",
})  # fmt: skip
"""What any operation may answer: AWS General Reference, common errors; and mocklake's own word for what it lacks."""
REPORTED = frozenset({
    ("GrantPermissions", "AlreadyExistsException"),
    ("ListPermissions", "EntityNotFoundException"),
})  # fmt: skip
"""Errors that AWS was seen to give though its model does not have them; a switch makes mocklake give them."""
ECHOES = frozenset({"BatchPermissionsRequestEntry"})
_NUMBERS: dict[str, tuple[type, ...]] = {
    "integer": (int,), "long": (int,), "float": (int, float), "double": (int, float),
}  # fmt: skip


@dataclass(frozen=True)
class Signed:
    """What the Authorization header says; the region of a global service is us-east-1."""

    access_key: str
    region: str
    service: str


class Gateway:
    """Answers `/_mocklake/…` by the control API and everything else as AWS.

    `strict` refuses our own answers and errors that AWS's model does not have.
    """

    def __init__(self, simulator: Simulator, control: Control, *, strict: bool = False) -> None:
        self.simulator = simulator
        self.control = control
        self.strict = strict

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = _read_whole_request(environ)
        if request.path.startswith("/_mocklake/"):
            return self.control.answer(request)(environ, start_response)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        signed = _read_scope(request)
        self.simulator.tick()
        call = _begin_call(signed, _find_operation(signed, request), request)
        lost: list[Fault] = []
        try:
            _check_service(signed, call.operation)
            call.caller = self._identify(signed, request)
            lost = self._befall(signed, call.operation, call.caller)
            response = self._serve(call, call.caller, request)
        except ConnectionAbortedError:
            call.code = "Unreachable"
            self._record(call)
            raise
        except AwsError as error:
            call.code, call.message = error.code, error.message
            protocol = protocols.protocol_of(signed.service, request)
            response = protocols.write_error(protocol, error, call.request_id)
        except Exception:
            log.exception("%s:%s went wrong inside mocklake", signed.service, call.operation)
            failure = AwsError("InternalFailure", "mocklake failed; its log has the reason", status=500)
            call.code, call.message = failure.code, failure.message
            protocol = protocols.protocol_of(signed.service, request)
            response = protocols.write_error(protocol, failure, call.request_id)
        self._record(call)
        if lost:
            raise ConnectionAbortedError("the answer is lost by request of a fault")
        return response

    def _identify(self, signed: Signed, request: Request) -> Caller:
        protocol = protocols.PROTOCOL[signed.service]
        token = request.headers.get("X-Amz-Security-Token") or signatures.get_token_v2(request)
        try:
            caller, credential = identify(self.simulator.world, signed.access_key, token, signed.region)
        except OtherPartitionError as error:
            raise protocols.other_partition(protocol, token) from error
        except UnknownAccessKeyError as error:
            raise AwsError(*protocols.UNKNOWN_KEY[protocol], status=403) from error
        except AwsError as error:
            code = "ExpiredToken" if protocol in ("s3", "query") else error.code
            raise AwsError(code, error.message, status=error.status) from error
        second = signatures.is_presigned_v2(request)
        if not (signatures.is_genuine_v2 if second else is_genuine)(request, credential.secret):
            raise AwsError(*protocols.WRONG_SIGNATURE[protocol], status=403)
        if second:
            signatures.check_expiry_v2(request, self.simulator.world.now())
        signatures.check_expiry(request.environ, self.simulator.world.now())
        return caller

    def _befall(self, signed: Signed, operation: str, caller: Caller) -> list[Fault]:
        """Raises AwsError for a throttled call; returns the faults that lose its answer."""
        self.simulator.effects.check_rate(caller, signed.region, signed.service, operation)
        struck = self.simulator.faults.take(signed.service, operation, caller.account)
        for fault in struck:
            if fault.milliseconds:
                time.sleep(fault.milliseconds / 1000)
            if fault.drops:
                raise ConnectionAbortedError("the account is unreachable by request of a fault")
            if fault.kind not in ("lost", "latency"):
                raise fault.error(signed.service)
        return [fault for fault in struck if fault.kind == "lost"]

    def _serve(self, call: Happening, caller: Caller, request: Request) -> Response:
        if call.service in HANDLERS:
            call.answer = self._own(call, caller, request)
            response = protocols.write(call.service, call.operation, call.answer, call.request_id)
        else:
            response = self._moto(call, caller, request)
            call.answer = protocols.answer_of_moto(call.service, response)
        if call.operation.startswith(_VENDING) or not (
            call.operation.startswith(_READS) or _has_received_nothing(call, response)
        ):
            self.simulator.wrote()
        call.code = protocols.error_code(response)
        return response

    def _own(self, call: Happening, caller: Caller, request: Request) -> dict[str, Any]:
        service, operation = call.service, call.operation
        call.parameters = protocols.read(service, request).parameters
        handler = find_handler(service, operation)
        call.parameters = self._validated(service, operation, call.parameters)
        if self.strict:
            handler = hold_to_model(protocols.model(service).operation_model(operation), handler)
        world = self.simulator.world
        if service == "athena":
            return handler(world, caller, call.parameters)

        if service != "sts" and (service, operation) != ("events", "PutEvents"):
            action = (
                "GetDataAccess"
                if operation.startswith(_VENDING)
                else column_statistics.IAM_ACTIONS.get(operation, operation)
            )
            with world.lock:
                for resource in _list_iam_resources(world, caller, service, operation, call.parameters):
                    require(caller, f"{service}:{action}", resource)

        def handle(parameters: dict[str, Any]) -> dict[str, Any]:
            with world.lock:
                return handler(world, caller, parameters)

        return self.simulator.effects.around(caller, service, operation, call.parameters, handle)

    def _validated(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The query protocol's parameters stay the flat texts that they came as."""
        switches = self.simulator.world.switches
        if protocols.PROTOCOL[service] != "query":
            return validated(service, operation, parameters, switches)
        shape = protocols.model(service).operation_model(operation).input_shape
        if shape is not None:
            validated(service, operation, structured(parameters, shape), switches)
        return parameters

    def _moto(self, call: Happening, caller: Caller, request: Request) -> Response:
        """A long poll of a queue is asked again and again, without holding the lock meanwhile."""
        call.parameters = protocols.parameters_for_moto(call.service, request)
        sent = call.parameters
        if call.service != "s3" and call.operation in protocols.model(call.service).operation_names:
            call.parameters = self._validated(call.service, call.operation, sent)
        until = time.monotonic() + resource_access.get_wait_seconds(call.operation, call.parameters)
        polls = (call.service, call.operation) == ("sqs", "ReceiveMessage")
        body = resource_access.write_body_without_waiting(call.parameters) if polls else request.get_data()
        if call.parameters is not sent and not polls:
            body = json.dumps(call.parameters).encode()
        while True:
            sent_before = moto_bridge.sent_messages.count
            response = self._moto_once(call, caller, request, body)
            if call.operation.startswith("SendMessage"):
                moto_bridge.sent_messages.note()
            if (
                not polls
                or time.monotonic() >= until
                or not resource_access.is_empty_answer(response.get_data())
            ):
                return response
            resource_access.wait_for_message(sent_before, until - time.monotonic())
            self.simulator.tick()

    def _moto_once(self, call: Happening, caller: Caller, request: Request, body: bytes) -> Response:
        """Where moto lacks a call or fails in it, it is not implemented here."""
        service, operation = call.service, call.operation
        with self.simulator.world.lock:
            account = self._authorise(call, caller, request)
            environ = _build_moto_environment(request, account, body)
            try:
                response = Response.from_app(moto_bridge.application(service), environ, buffered=True)
            except MOTO_LACKS as error:
                log.warning("moto fails in %s:%s", service, operation, exc_info=error)
                raise protocols.not_implemented(service, operation) from error
        if response.status_code >= ERROR_SERVER or (service != "s3" and _is_unrouted(response)):
            raise protocols.not_implemented(service, operation)
        response.headers.setdefault("x-amzn-RequestId", call.request_id)
        return response

    def _authorise(self, call: Happening, caller: Caller, request: Request) -> str:
        """The account whose service shall serve the request."""
        if call.service == "s3":
            return resource_access.authorise_s3(caller, request)
        if call.service == "sqs":
            return resource_access.authorise_sqs(caller, call.operation, call.parameters)
        code = "AccessDenied" if call.service == "iam" else "AccessDeniedException"
        require(caller, f"{call.service}:{call.operation}", None, code=code)
        return caller.account

    def _record(self, call: Happening) -> None:
        caller = call.caller
        self.simulator.calls.add(
            time=self.simulator.world.now().isoformat(),
            account=caller.account if caller else "",
            principal=caller.session_arn if caller else "",
            service=call.service,
            operation=call.operation,
            region=call.region,
            error=call.code,
            request_id=call.request_id,
        )
        self.simulator.follow(call)


def _has_received_nothing(call: Happening, response: Response) -> bool:
    return call.operation == "ReceiveMessage" and resource_access.is_empty_answer(response.get_data())


def _begin_call(signed: Signed, operation: str, request: Request) -> Happening:
    return Happening(
        signed.service,
        operation,
        signed.region,
        str(uuid.uuid4()),
        source_ip=request.remote_addr or "127.0.0.1",
        user_agent=request.headers.get("User-Agent", ""),
    )


def _list_iam_resources(
    world: World, caller: Caller, service: str, operation: str, parameters: dict[str, Any]
) -> list[str | None]:
    """The resources that IAM decides on; None leaves them out of its decision."""
    if service != "lakeformation":
        return [None]
    return [*list_iam_resources(world, caller, operation, parameters)] or [None]


def _build_moto_environment(request: Request, account: str, body: bytes) -> dict[str, Any]:
    """A client's own `x-moto-*` headers are dropped, as moto would believe them; the account is ours to say."""
    kept = {name: value for name, value in request.environ.items() if not name.startswith("HTTP_X_MOTO_")}
    return {
        **kept,
        "HTTP_X_MOTO_ACCOUNT_ID": account,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }


def _read_whole_request(environ: dict[str, Any]) -> Request:
    body = Request(environ).get_data(cache=False, parse_form_data=False)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    request = Request(signatures.move_signature_to_headers(environ))
    request.get_data(cache=True, parse_form_data=False)
    return request


def _read_scope(request: Request) -> Signed:
    if signatures.is_presigned_v2(request):
        return Signed(request.args["AWSAccessKeyId"], signatures.REGION, "s3")
    found = _SCOPE.search(request.headers.get("Authorization", ""))
    return Signed(*found.groups()) if found else Signed("", "", "unsigned")


def _check_service(signed: Signed, operation: str) -> None:
    if not signed.access_key:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", status=403)
    if signed.service not in protocols.PROTOCOL:
        raise protocols.not_implemented(signed.service, operation)


def _find_operation(signed: Signed, request: Request) -> str:
    if signed.service == "s3":
        return resource_access.get_s3_operation(request)
    return protocols.operation_of(signed.service, request)


def _is_unrouted(response: Response) -> bool:
    return response.status_code == 404 and response.mimetype == "text/html"  # noqa: PLR2004


class MisfitError(AwsError):
    """An answer or a refusal that AWS's model does not have: a mistake of mocklake, said so to the client."""

    def __init__(self, problem: str) -> None:
        super().__init__("InternalFailure", f"mocklake does not keep to AWS's model: {problem}", status=500)


def hold_to_model(operation: OperationModel, handler: Handler) -> Handler:
    """The handler, which raises MisfitError where it leaves the model."""

    def checked(world: World, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = handler(world, caller, parameters)
        except AwsError as error:
            if isinstance(error, MisfitError) or is_modelled(operation, error.code):
                raise
            raise MisfitError(f"{operation.name} has no error {error.code} ({error.message})") from error
        problems = list_misfits(operation, answer)
        if problems:
            raise MisfitError("; ".join(problems))
        return answer

    return checked


def list_misfits(operation: OperationModel, answer: dict[str, Any]) -> list[str]:
    """A sentence for each place where an answer is not what the model says."""
    shape = operation.output_shape
    if shape is None:
        return [f"{operation.name} answers nothing, not {answer}"] if answer else []
    return list(_check_structure(answer, shape, operation.name))


def is_modelled(operation: OperationModel, code: str) -> bool:
    """Whether a client could look for the error by its code: as AWS sends it, or by its exception's name."""
    names = {shape.name for shape in operation.error_shapes}
    codes = {getattr(shape, "error_code", "") for shape in operation.error_shapes}
    return code in names | codes | COMMON or (operation.name, code) in REPORTED


def _check_value(value: Any, shape: Any, where: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            yield from _check_structure(value, shape, where)
        case "list" if isinstance(value, (list, tuple, set, frozenset)):
            for index, one in enumerate(value):
                yield from _check_value(one, shape.member, f"{where}[{index}]")
        case "map" if isinstance(value, dict):
            for name, one in value.items():
                yield from _check_value(name, shape.key, f"{where} key {name}")
                yield from _check_value(one, shape.value, f"{where}.{name}")
        case _:
            if not _is_of_kind(value, shape):
                yield f"{where} is no {shape.type_name}: {value!r}"
            elif getattr(shape, "enum", None) and value not in shape.enum:
                yield f"{where} is none of {', '.join(shape.enum)}: {value!r}"


def _check_structure(value: Any, shape: Any, where: str) -> Iterator[str]:
    """A document, such as a type of Iceberg, is any JSON; an echo is what the caller sent."""
    if getattr(shape, "is_document_type", False) or shape.name in ECHOES:
        return
    if not isinstance(value, dict):
        yield f"{where} is no structure: {value!r}"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name} is missing"
    for name, one in value.items():
        if name not in shape.members:
            yield f"{where}.{name} is not in AWS's model"
        elif one is None:
            yield f"{where}.{name} is null"
        else:
            yield from _check_value(one, shape.members[name], f"{where}.{name}")
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield f"{where} has {len(value)} members of a union"


def _is_of_kind(value: Any, shape: Shape) -> bool:
    kind = shape.type_name
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in _NUMBERS:
        return isinstance(value, _NUMBERS[kind]) and not isinstance(value, bool)
    if kind == "timestamp":
        return isinstance(value, (datetime, int, float)) and not isinstance(value, bool)
    if kind == "blob":
        return isinstance(value, bytes)
    return False
