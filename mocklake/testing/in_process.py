"""An mocklake within the process that uses it: boto3 clients whose requests go to the gateway without a socket.

    with InProcess(seed="example") as aws:
        lake = aws.client("lakeformation", "100000000001", "lake-admin")
        lake.list_permissions()
        aws.control("faults", {"kind": "throttle", "service": "glue"})

Requests are signed, written and read as on a wire, so credentials, errors, retries and faults are the same.
Several may live side by side, and each may be called by several threads: moto keeps its state in one place
for the whole process, so the world that is called takes its turn there, and calls of another one wait.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Condition
from typing import Any, Self
from urllib.parse import urlsplit
from weakref import WeakSet

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from werkzeug import Response
from werkzeug.test import EnvironBuilder

from mocklake import moto_bridge
from mocklake.server.control_api import Control
from mocklake.server.gateway import Gateway
from mocklake.server.simulator import Simulator

REGION = "eu-central-1"
ENDPOINT = "http://127.0.0.1:9"
"""Nothing is sent there; it is an address of four numbers, so that S3 writes buckets into the path."""
_TOKEN = "in-process"  # noqa: S105


class ControlError(Exception):
    """The control API's refusal; the text is its reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Turns:
    """Which world has its state in moto; calls of one world run side by side, those of another one wait."""

    def __init__(self) -> None:
        self._free = Condition()
        self._current: InProcess | None = None
        self._inside = 0

    @contextmanager
    def taken(self, world: "InProcess") -> Iterator[None]:
        with self._free:
            self._free.wait_for(lambda: self._current is world or self._inside == 0)
            if self._current is not world:
                parked = moto_bridge.exchange(world.parked)
                if self._current is not None:
                    self._current.parked = parked
                self._current = world
            self._inside += 1
        try:
            yield
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify_all()


_turns = _Turns()
_answered: WeakSet[AWSPreparedRequest] = WeakSet()


@cache
def _session() -> Any:
    """One for all: it holds AWS's models, which take a while to read."""
    return boto3.Session()


@dataclass(eq=False)
class InProcess:
    """`seed`, `manners` and `strict` as for `python -m mocklake`; nothing is written to disk.

    Raises SeedError for a seed that cannot be read or made.
    """

    seed: str = ""
    strict: bool = True
    manners: str = ""
    retries: int = 0
    """The number of clients that are made without one of their own."""
    parked: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What moto knows of this world while another one is in its place."""

    def __post_init__(self) -> None:
        moto_bridge.check_moto()
        self.simulator = Simulator(None, self.seed, self.manners)
        self.gateway = Gateway(self.simulator, Control(self.simulator, _TOKEN), strict=self.strict)
        with self.here():
            self.simulator.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held that would not go by itself; as a context it can stand where a server stands."""

    @contextmanager
    def here(self) -> Iterator[None]:
        """For whoever looks into `simulator.world` or calls handlers directly: this world's turn in moto."""
        with _turns.taken(self):
            yield

    def client(
        self, service: str, account: str, role: str = "", *, region: str = REGION, retries: int | None = None
    ) -> Any:
        """With the account's root key, or as one of its roles without asking the role's trust policy."""
        keys = self.control(f"credentials?account={account}&role={role}")
        return self.client_of(service, keys, region=region, retries=retries)

    def client_of(
        self, service: str, keys: Mapping[str, Any], *, region: str = REGION, retries: int | None = None
    ) -> Any:
        """`keys` as AssumeRole answers them: AccessKeyId, SecretAccessKey and perhaps SessionToken."""
        made: Any = _session().client(
            service,
            endpoint_url=ENDPOINT,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"max_attempts": self.retries if retries is None else retries}),
        )
        # First: a session may have been made while another world answered every client of this process.
        made.meta.events.register_first("before-send", self.answer)
        return made

    def control(self, path: str, body: Any = None, *, method: str = "") -> Any:
        """The control API; POST with a body and GET without one, unless `method` says otherwise."""
        path, _, query = path.partition("?")
        builder = EnvironBuilder(
            f"/_mocklake/{path}",
            method=method or ("GET" if body is None else "POST"),
            query_string=query,
            data=None if body is None else json.dumps(body),
            headers=[("X-Mocklake-Token", _TOKEN)],
        )
        answer = self._ask(builder.get_environ())
        if answer.status_code != 200:  # noqa: PLR2004
            raise ControlError(answer.status_code, str(json.loads(answer.get_data())["error"]))
        return json.loads(answer.get_data())

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """For botocore's event `before-send`, where it would open a connection; a dropped answer is the same.

        botocore asks everybody who listens: None, where another world or the same has answered this request.
        """
        if request in _answered:
            return None
        _answered.add(request)
        try:
            answer = self._ask(_environment(request))
        except ConnectionAbortedError as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return AWSResponse(
            request.url,
            answer.status_code,
            HTTPHeaders.from_pairs(answer.headers.items()),
            _Body(answer.get_data()),
        )

    def _ask(self, environ: dict[str, Any]) -> Response:
        with self.here():
            return Response.from_app(self.gateway, environ, buffered=True)


class _Body(io.BytesIO):
    """As urllib3's response is read by botocore: whole by `stream`, or by `read`."""

    def stream(self, amount: int = 65_536, **_: Any) -> Iterator[bytes]:
        return iter(lambda: self.read(amount), b"")


def _environment(request: AWSPreparedRequest) -> dict[str, Any]:
    parts = urlsplit(str(request.url))
    sent = [(name, _text(value)) for name, value in request.headers.items()]
    kept = [one for one in sent if one[0].lower() not in ("transfer-encoding", "host")]
    body = _content(request.body)
    builder = EnvironBuilder(
        parts.path or "/",
        base_url=f"{parts.scheme}://{parts.netloc}",
        query_string=parts.query,
        method=request.method,
        headers=kept,
        input_stream=io.BytesIO(body),
    )
    environ = builder.get_environ()
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["RAW_URI"] = environ["REQUEST_URI"] = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return environ | moto_bridge.keep_underscores(kept)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _content(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    reader: Callable[[], bytes] = body.read
    return reader()
