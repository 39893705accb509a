"""The parts of the demo besides PostgreSQL and Valkey: their command lines, environments and readiness."""

import http.client
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from demo.bank.accounts import LOGGED_SEED, REGION, WORKER_ROLE
from demo.bootstrap import ROOT, bytecode_variables
from demo.embedded.child_process import Child, EmbeddedError, wait_until_ready
from demo.embedded.ports import HOST
from demo.embedded.state_folder import StateFolder

HEALTH_PATH = "/_mocklake/health"
LOOK_SECONDS = 5.0
"""For an answer that is asked for again."""
CONTROL_SECONDS = 120.0
"""For an answer that is asked for once: a loaded machine takes its time."""
WEB_CLASS = "marketplace.http_server.gunicorn_worker.BufferingWorker"
OWN_VARIABLE_PREFIXES = (
    "DATABASE_URL",
    "REDIS_URL",
    "AWS_",
    "MIGRATE_",
    "WORKER_",
    "SEALER_",
    "MESHMARKET_PROCESS",
    "MESHMARKET_BROKER_URL",
)


class Part(Protocol):
    """What the supervisor keeps alive; `start` returns when the part is ready to be used."""

    name: str

    @property
    def pid(self) -> int | None: ...
    @property
    def is_running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class Program:
    """A part that is a Python program of ours; without `ready` it counts as ready once started."""

    def __init__(self, child: Child, ready: Callable[[], bool] | None = None) -> None:
        self.name = child.name
        self.child = child
        self._ready = ready

    @property
    def pid(self) -> int | None:
        return self.child.pid

    @property
    def is_running(self) -> bool:
        return self.child.is_running

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Returns at once; call `wait_until_ready` before it is used."""
        self.child.start()

    def wait_until_ready(self) -> None:
        """Waits until it is ready; EmbeddedError when it ends or no longer moves."""
        if self._ready:
            wait_until_ready(self.child, self._ready)

    def stop(self) -> None:
        self.child.stop()

    def kill(self) -> None:
        self.child.kill()


def make_program(
    folder: StateFolder,
    name: str,
    arguments: list[str],
    environment: Mapping[str, str],
    ready: Callable[[], bool] | None = None,
) -> Program:
    """`python <arguments>` as a part, logging to the state folder's `logs`."""
    child = Child(
        name,
        [sys.executable, *arguments],
        log=folder.log_file(name),
        pid_file=folder.path / "pids" / name,
        environment=environment,
        stop_signal=signal.SIGTERM,
        # Whoever works on is ended: what is half done, the next start's rounds look for.
        stop_seconds=3.0,
        folder=ROOT,
    )
    return Program(child, ready)


def build_mocklake_arguments(folder: StateFolder, port: int, seed: str = LOGGED_SEED) -> list[str]:
    return ["-m", "mocklake", "--port", str(port), "--state", str(folder.path / "aws"), "--seed", seed]


def build_web_arguments(port: int) -> list[str]:
    quiet = ["--no-control-socket", "--graceful-timeout", "2", "--log-level", "warning"]
    size = ["--worker-class", WEB_CLASS, "--workers", "1", "--threads", "8", "--keep-alive", "75"]
    return ["-m", "gunicorn", "marketplace.web:application", "--bind", f"{HOST}:{port}", *size, *quiet]


WORKER_QUEUES = {"worker": "engine", "worker-others": "sync,outbox,audit,default"}
"""The queues of each worker."""


def build_worker_arguments(name: str, queues: str) -> list[str]:
    # Threads: one process to kill, and a task waits for AWS and PostgreSQL, not for the processor.
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    chosen = ["--hostname", f"{name}@%h", "--queues", queues, "--pool", "threads"]
    return ["-m", "celery", "-A", "marketplace.celery", "worker", *chosen, *alone]


def build_beat_arguments() -> list[str]:
    return ["-m", "celery", "-A", "marketplace.celery", "beat", "--pidfile", ""]


def build_environment(folder: StateFolder) -> dict[str, str]:
    """The caller's environment without any address or AWS credentials of the caller's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLE_PREFIXES)}
    return {
        **kept,
        **bytecode_variables(os.environ),
        "DJANGO_SETTINGS_MODULE": "demo.settings",
        "MESHMARKET_SECRET_KEY": folder.get_secret("django-secret-key"),
        "PYTHONUNBUFFERED": "1",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def fetch(port: int, path: str, token: str = "", seconds: float = LOOK_SECONDS) -> tuple[int, bytes]:
    """Status and body of a GET on this machine; status 0 when nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"X-Mocklake-Token": token} if token else {})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def is_mocklake_ready(port: int) -> bool:
    """Also while it cannot write its state: it answers calls."""
    return fetch(port, HEALTH_PATH)[0] in (http.HTTPStatus.OK, http.HTTPStatus.SERVICE_UNAVAILABLE)


def is_web_ready(port: int) -> bool:
    return fetch(port, "/")[0] != 0


def fetch_worker_keys(folder: StateFolder, port: int) -> dict[str, str]:
    """The long-lived keys of the worker's own role in the pretend AWS, as environment variables.

    The role may be in any account of the seed; EmbeddedError when none has it.
    """
    roles = [
        found
        for account in ask_mocklake(folder, port, "accounts") or {}
        if (found := ask_mocklake(folder, port, f"credentials?account={account}&role={WORKER_ROLE}"))
    ]
    lasting = next((found for found in roles if not found["Expiration"]), None)
    if lasting is None:
        lack = "is not long-lived" if roles else "is in none of its accounts"
        raise EmbeddedError(
            f"The seed of the pretend AWS lacks the workers' role: {WORKER_ROLE} {lack}. "
            "docs/first-mesh/mesh.yaml shows how it is written, with long_lived: true."
        )
    variables = {
        "AWS_ACCESS_KEY_ID": lasting["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": lasting["SecretAccessKey"],
        "AWS_SESSION_TOKEN": lasting.get("SessionToken"),
    }
    return {name: value for name, value in variables.items() if value}


def ask_mocklake(folder: StateFolder, port: int, path: str) -> dict[str, Any] | None:
    """What its control API answers; None for what is not there. EmbeddedError when it does not answer."""
    token = (folder.path / "aws" / "control-token").read_text().strip()
    code, body = fetch(port, f"/_mocklake/{path}", token, CONTROL_SECONDS)
    if code == http.HTTPStatus.NOT_FOUND:
        return None
    if code != http.HTTPStatus.OK:
        raise EmbeddedError(
            f"The pretend AWS gave no keys to the worker (status {code}; log: {folder.log_file('mocklake')})"
        )
    found: dict[str, Any] = json.loads(body)
    return found
