"""Where scenarios are run: a place begins anew for each scenario and answers its calls."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.model import OperationModel

from mocklake.manners import POLITE
from mocklake.scenarios import matching, scenario
from mocklake.testing.in_process import ENDPOINT, ControlError, InProcess

TIMEOUT = 60
_COMMANDS = {"s3": "s3api"}
_REFUSED = re.compile(
    r"An error occurred \(([^)]+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)", re.DOTALL
)
_UNFIT = (
    "Parameter validation failed",
    "Unknown options",
    "Invalid JSON",
    "the following arguments are required",
)


class RefusedError(Exception):
    """The service's refusal, or that of the control API (whose code is its status)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class UnfitRequestError(ValueError):
    """A request that AWS's model does not allow, so that no client would send it."""


@dataclass(frozen=True)
class Who:
    """An account by id with one of its roles, no role being its root; or keys as AssumeRole answers them."""

    account: str = ""
    role: str = ""
    keys: Mapping[str, str] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class Call:
    """One call of AWS by the names of its API."""

    who: Who
    region: str
    service: str
    operation: str
    parameters: Mapping[str, Any]


class Place(Protocol):
    """`has_control` tells whether clock, faults, switches, changes and the oracle are there."""

    has_control: bool

    def begin(self, seed: Path) -> None:
        """A fresh world of the seed."""

    def call(self, call: Call) -> Any:
        """The plain answer. Raises RefusedError or UnfitRequestError."""

    def control(self, path: str, body: Any = None, *, method: str = "") -> Any:
        """The control API's answer. Raises RefusedError."""

    def close(self) -> None:
        """Ends what was started."""


def send(client: Any, call: Call) -> Any:
    """Raises RefusedError and UnfitRequestError; an answer lost on the way is refused as ConnectionClosed."""
    method = client.meta.method_to_api_mapping
    name = next(python for python, operation in method.items() if operation == call.operation)
    try:
        return matching.simplify_value(getattr(client, name)(**call.parameters))
    except ClientError as error:
        said = error.response["Error"]
        raise RefusedError(said["Code"], said.get("Message", "")) from error
    except ParamValidationError as error:
        raise UnfitRequestError(" ".join(str(error).split())) from error
    except BotoCoreError as error:
        raise RefusedError(type(error).__name__.removesuffix("Error"), str(error)) from error


@dataclass
class _Caller:
    """One principal's clients, which outlive its keys: they are renewed in place."""

    session: botocore.session.Session
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    is_fresh: bool = False


@dataclass
class InProcessPlace:
    """One world for each seed, set back before each scenario."""

    has_control: bool = True
    _worlds: dict[Path, InProcess] = field(default_factory=dict)
    _callers: dict[Who, _Caller] = field(default_factory=dict)
    _loader: Any = field(default_factory=lambda: botocore.session.Session().get_component("data_loader"))

    def begin(self, seed: Path) -> None:
        if seed not in self._worlds:
            self._worlds[seed] = InProcess(str(seed), manners=POLITE.name)
        self.world = self._worlds[seed]
        self.control("manners", {"name": POLITE.name})
        self.control("reset", {})

    def call(self, call: Call) -> Any:
        caller = self._caller(call.who)
        which = (call.service, call.region)
        if which not in caller.clients:
            caller.clients[which] = self._client(caller.session, *which)
        return send(caller.clients[which], call)

    def _caller(self, who: Who) -> _Caller:
        if who.keys is not None or who not in self._callers:
            session = botocore.session.Session()
            session.register_component("data_loader", self._loader)
            session.set_credentials("", "")
            self._callers[who] = _Caller(session)
        caller = self._callers[who]
        if not caller.is_fresh:
            keys = who.keys or self.control(f"credentials?account={who.account}&role={who.role}")
            held: Any = caller.session.get_credentials()
            held.access_key, held.secret_key = keys["AccessKeyId"], keys["SecretAccessKey"]
            held.token = keys.get("SessionToken")
            caller.is_fresh = True
        return caller

    def _client(self, session: botocore.session.Session, service: str, region: str) -> Any:
        name, config = scenario.get_client_name(service), Config(retries={"max_attempts": 0})
        client: Any = session.create_client(name, region_name=region, endpoint_url=ENDPOINT, config=config)
        client.meta.events.register("before-send", lambda request, **_: self.world.answer(request))
        return client

    def control(self, path: str, body: Any = None, *, method: str = "") -> Any:
        """Whatever is changed may have ended sessions: a moved clock does."""
        if body is not None:
            for caller in self._callers.values():
                caller.is_fresh = False
        try:
            return self.world.control(path, body, method=method)
        except ControlError as error:
            raise RefusedError(str(error.status), str(error)) from error

    def close(self) -> None:
        self._worlds.clear()


@dataclass
class Server:
    """An mocklake process of its own, which ends with `end`."""

    process: subprocess.Popen[str]
    url: str
    folder: tempfile.TemporaryDirectory[str]

    @classmethod
    def start(cls, seed: Path) -> Self:
        folder = tempfile.TemporaryDirectory(prefix="mocklake-")
        command = [sys.executable, "-m", "mocklake", "--strict", "--manners", POLITE.name]
        command += ["--state", folder.name, "--seed", str(seed)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("mocklake listens on "):
            process.wait(TIMEOUT)
            raise RuntimeError(f"mocklake did not start with {seed}")
        return cls(process, line.split()[-1], folder)

    def control(self, path: str, body: Any = None, *, method: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        token = (Path(self.folder.name) / "control-token").read_text()
        request = Request(  # noqa: S310
            f"{self.url}/_mocklake/{path}",
            data,
            {"X-Mocklake-Token": token},
            method=method or ("GET" if data is None else "POST"),
        )
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise RefusedError(str(error.code), json.load(error)["error"]) from error

    def end(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=TIMEOUT)
        self.folder.cleanup()


@dataclass
class ServerPlace:
    """A server for each seed, set back before each scenario."""

    has_control: bool = True
    _servers: dict[Path, Server] = field(default_factory=dict)
    _session: boto3.Session = field(default_factory=boto3.Session)

    def begin(self, seed: Path) -> None:
        if seed in self._servers:
            self._servers[seed].control("manners", {"name": POLITE.name})
            self._servers[seed].control("reset", {})
        else:
            self._servers[seed] = Server.start(seed)
        self.server = self._servers[seed]

    def keys(self, who: Who) -> Mapping[str, str]:
        if who.keys:
            return who.keys
        found: dict[str, str] = self.control(f"credentials?account={who.account}&role={who.role}")
        return found

    def call(self, call: Call) -> Any:
        keys = self.keys(call.who)
        session: Any = self._session
        client = session.client(
            scenario.get_client_name(call.service),
            endpoint_url=self.server.url,
            region_name=call.region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"max_attempts": 0}),
        )
        return send(client, call)

    def control(self, path: str, body: Any = None, *, method: str = "") -> Any:
        return self.server.control(path, body, method=method)

    def close(self) -> None:
        for server in self._servers.values():
            server.end()
        self._servers.clear()


@dataclass
class CommandLinePlace(ServerPlace):
    """Each call is one command; the control API is asked as ever."""

    def call(self, call: Call) -> Any:
        model = scenario.get_operation(call.service, call.operation)
        assert model is not None
        with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
            said = self._run(_build_command(call, model, Path(folder)), call)
            answer: dict[str, Any] = json.loads(said) if said.strip() else {}
            body = Path(folder) / "body"
            if model.has_streaming_output:
                answer["Body"] = body.read_bytes().decode("utf-8", "replace")
        return answer

    def _run(self, command: list[str], call: Call) -> str:
        keys = self.keys(call.who)
        where = ["--endpoint-url", self.server.url, "--region", call.region, "--output", "json"]
        ran = subprocess.run(
            [sys.executable, "-m", "awscli", *where, *command],
            check=False, capture_output=True, text=True, timeout=TIMEOUT, env=_build_environment(keys),
        )  # fmt: skip
        if ran.returncode:
            raise _read_refusal(ran.stderr.strip())
        return ran.stdout


def _build_command(call: Call, model: OperationModel, folder: Path) -> list[str]:
    """Members that are streams go by file, all others as one JSON document; a page stays a page."""
    parameters = dict(call.parameters)
    command = [
        _COMMANDS.get(call.service, scenario.get_client_name(call.service)),
        xform_name(call.operation, "-"),
        "--no-paginate",
    ]
    if model.has_streaming_output:
        given = [
            part for name, one in parameters.items() for part in (f"--{xform_name(name, '-')}", str(one))
        ]
        return [*command, *given, str(folder / "body")]
    streamed = model.get_streaming_input()
    if streamed is not None:
        members = getattr(model.input_shape, "members", {})
        (name,) = (one for one, shape in members.items() if shape is streamed)
        content = folder / "content"
        content.write_text(str(parameters.pop(name, "")), encoding="utf-8")
        command += [f"--{xform_name(name, '-')}", str(content)]
    document = folder / "parameters.json"
    document.write_text(json.dumps(parameters), encoding="utf-8")
    return [*command, "--cli-input-json", f"file://{document}"]


def _build_environment(keys: Mapping[str, str]) -> dict[str, str]:
    """Nothing of a person's own configuration reaches the command."""
    given = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    if keys.get("SessionToken"):
        given["AWS_SESSION_TOKEN"] = keys["SessionToken"]
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | given


def _read_refusal(said: str) -> Exception:
    found = _REFUSED.search(said)
    if found:
        return RefusedError(found[1], found[2])
    if any(sign in said for sign in _UNFIT):
        return UnfitRequestError(" ".join(said.split()))
    if "Connection was closed" in said:
        return RefusedError("ConnectionClosed", said)
    return RefusedError("CommandFailed", said)
