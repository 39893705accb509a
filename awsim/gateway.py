"""The front door as WSGI: who calls, which operation, may they, and the answer in the right protocol."""

import io
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response

from awsim import athena, conformity, glue, lakeformation, moto_bridge, protocols, ram, s3_access, sts
from awsim.callers import Caller
from awsim.control import Control
from awsim.credentials import UnknownAccessKeyError, identify
from awsim.errors import AwsError
from awsim.faults import Fault
from awsim.identity import require
from awsim.lakeformation.iam_resources import asked_of_iam
from awsim.signatures import is_genuine
from awsim.simulator import Simulator
from awsim.world import World

Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]
OWN: dict[str, dict[str, Handler]] = {
    "lakeformation": lakeformation.HANDLERS,
    "ram": ram.HANDLERS,
    "glue": glue.HANDLERS,
    "athena": athena.HANDLERS,
    "sts": sts.HANDLERS,
}
ERROR_SERVER = 500
_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_READS = ("Get", "List", "Describe", "Search", "BatchGet", "Head", "GET ", "HEAD ", "Simulate")
_VENDING = "GetTemporaryGlue"
"""Lake Formation's reads that make a session; IAM allows them as GetDataAccess."""
log = logging.getLogger("awsim")


@dataclass(frozen=True)
class Signed:
    """What the Authorization header says; the region of a global service is us-east-1."""

    access_key: str
    region: str
    service: str


class Gateway:
    """Answers `/_awsim/…` by the control API and everything else as AWS.

    `strict` refuses our own answers and errors that AWS's model does not have.
    """

    def __init__(self, simulator: Simulator, control: Control, *, strict: bool = False) -> None:
        self.simulator = simulator
        self.control = control
        self.strict = strict

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = _whole_request(environ)
        if request.path.startswith("/_awsim/"):
            return self.control.answer(request)(environ, start_response)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        signed = _scope(request)
        operation = _operation(signed, request)
        code, caller = "", None
        lost: list[Fault] = []
        try:
            _check_service(signed, operation)
            caller = self._identify(signed, request)
            lost = self._befall(signed, operation, caller)
            response, code = self._serve(signed, operation, caller, request, request_id)
        except ConnectionAbortedError:
            self._record(signed, caller, operation, "Unreachable", request_id)
            raise
        except AwsError as error:
            code = error.code
            protocol = protocols.protocol_of(signed.service, request)
            response = protocols.write_error(protocol, error, request_id)
        except Exception:
            log.exception("%s:%s went wrong inside awsim", signed.service, operation)
            failure = AwsError("InternalFailure", "awsim failed; its log has the reason", status=500)
            code = failure.code
            response = protocols.write_error(
                protocols.protocol_of(signed.service, request), failure, request_id
            )
        self._record(signed, caller, operation, code, request_id)
        if lost:
            raise ConnectionAbortedError("the answer is lost by request of a fault")
        return response

    def _identify(self, signed: Signed, request: Request) -> Caller:
        protocol = protocols.PROTOCOL[signed.service]
        token = request.headers.get("X-Amz-Security-Token")
        try:
            caller, credential = identify(self.simulator.world, signed.access_key, token, signed.region)
        except UnknownAccessKeyError as error:
            raise AwsError(*protocols.UNKNOWN_KEY[protocol], status=403) from error
        except AwsError as error:
            code = "ExpiredToken" if protocol in ("s3", "query") else error.code
            raise AwsError(code, error.message, status=error.status) from error
        if not is_genuine(request, credential.secret):
            raise AwsError(*protocols.WRONG_SIGNATURE[protocol], status=403)
        return caller

    def _befall(self, signed: Signed, operation: str, caller: Caller) -> list[Fault]:
        """Raises AwsError for a throttled call; returns the faults that lose its answer."""
        struck = self.simulator.faults.take(signed.service, operation, caller.account)
        for fault in struck:
            if fault.milliseconds:
                time.sleep(fault.milliseconds / 1000)
            if fault.drops:
                raise ConnectionAbortedError("the account is unreachable by request of a fault")
            if fault.kind not in ("lost", "latency"):
                raise fault.error(signed.service)
        return [fault for fault in struck if fault.kind == "lost"]

    def _serve(
        self, signed: Signed, operation: str, caller: Caller, request: Request, request_id: str
    ) -> tuple[Response, str]:
        if signed.service in OWN:
            answer = self._own(signed.service, operation, caller, request)
            response = protocols.write(signed.service, operation, answer, request_id)
        else:
            response = self._moto(signed.service, operation, caller, request, request_id)
        if operation.startswith(_VENDING) or not operation.startswith(_READS):
            self.simulator.wrote()
        return response, protocols.error_code(response)

    def _own(self, service: str, operation: str, caller: Caller, request: Request) -> dict[str, Any]:
        call = protocols.read(service, request)
        handler = OWN[service].get(operation)
        if handler is None:
            raise protocols.not_implemented(service, operation)
        if self.strict:
            handler = conformity.held_to_model(protocols.model(service).operation_model(operation), handler)
        world = self.simulator.world
        if service == "athena":
            return handler(world, caller, call.parameters)

        if service != "sts":
            action = "GetDataAccess" if operation.startswith(_VENDING) else operation
            with world.lock:
                for resource in _asked_of_iam(world, caller, service, operation, call.parameters):
                    require(caller, f"{service}:{action}", resource)

        def handle(parameters: dict[str, Any]) -> dict[str, Any]:
            with world.lock:
                return handler(world, caller, parameters)

        return self.simulator.manners.around(caller, service, operation, call.parameters, handle)

    def _moto(
        self, service: str, operation: str, caller: Caller, request: Request, request_id: str
    ) -> Response:
        """Where moto lacks a call, or an optional package of its own for it, it is not implemented here."""
        with self.simulator.world.lock:
            account = caller.account
            if service == "s3":
                account = s3_access.authorise(caller, request)
            else:
                code = "AccessDenied" if service == "iam" else "AccessDeniedException"
                require(caller, f"{service}:{operation}", None, code=code)
            environ = _environment_for_moto(request, account)
            try:
                response = Response.from_app(moto_bridge.application(service), environ, buffered=True)
            except (NotImplementedError, ImportError) as error:
                raise protocols.not_implemented(service, operation) from error
        if response.status_code >= ERROR_SERVER or (service != "s3" and _is_unrouted(response)):
            raise protocols.not_implemented(service, operation)
        response.headers.setdefault("x-amzn-RequestId", request_id)
        return response

    def _record(
        self, signed: Signed, caller: Caller | None, operation: str, code: str, request_id: str
    ) -> None:
        self.simulator.calls.add(
            time=self.simulator.world.now().isoformat(),
            account=caller.account if caller else "",
            principal=caller.session_arn if caller else "",
            service=signed.service,
            operation=operation,
            region=signed.region,
            error=code,
            request_id=request_id,
        )


def _asked_of_iam(
    world: World, caller: Caller, service: str, operation: str, parameters: dict[str, Any]
) -> list[str | None]:
    """The resources that IAM decides on; None leaves them out of its decision."""
    if service != "lakeformation":
        return [None]
    return [*asked_of_iam(world, caller, operation, parameters)] or [None]


def _environment_for_moto(request: Request, account: str) -> dict[str, Any]:
    """A client's own `x-moto-*` headers are dropped, as moto would believe them; the account is ours to say."""
    kept = {name: value for name, value in request.environ.items() if not name.startswith("HTTP_X_MOTO_")}
    return {**kept, "HTTP_X_MOTO_ACCOUNT_ID": account, "wsgi.input": io.BytesIO(request.get_data())}


def _whole_request(environ: dict[str, Any]) -> Request:
    body = Request(environ).get_data(cache=False, parse_form_data=False)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    request = Request(environ)
    request.get_data(cache=True, parse_form_data=False)
    return request


def _scope(request: Request) -> Signed:
    found = _SCOPE.search(request.headers.get("Authorization", ""))
    return Signed(*found.groups()) if found else Signed("", "", "unsigned")


def _check_service(signed: Signed, operation: str) -> None:
    if not signed.access_key:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", status=403)
    if signed.service not in protocols.PROTOCOL:
        raise protocols.not_implemented(signed.service, operation)


def _operation(signed: Signed, request: Request) -> str:
    if signed.service == "s3":
        return s3_access.operation_of(request)
    return protocols.operation_of(signed.service, request)


def _is_unrouted(response: Response) -> bool:
    return response.status_code == 404 and response.mimetype == "text/html"  # noqa: PLR2004
