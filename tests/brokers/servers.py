"""Brokers that the tests start, stop and start again on the same port: Valkey, RabbitMQ and the pretend AWS's SQS."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from demo.bank.accounts import GOVERNANCE, REGION, SEED
from demo.bootstrap import ROOT
from demo.embedded.child_process import Child, wait_until_ready
from demo.embedded.ports import HOST, find_free_port
from demo.embedded.valkey import find_valkey
from mocklake.testing.server import Cloud

RABBITMQ_PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's. The one on the PATH changes to a user of its own first."""


class Broker(Protocol):
    url: str
    environment: dict[str, str]
    """What a process needs besides the URL."""

    def start(self) -> None: ...

    def kill(self) -> None: ...

    def stop(self) -> None: ...


class ValkeyServer:
    def __init__(self, folder: Path) -> None:
        program = find_valkey()
        assert program is not None
        self.port = find_free_port()
        self.url = f"redis://{HOST}:{self.port}/1"
        self.environment: dict[str, str] = {}
        listening = ("--port", str(self.port), "--bind", HOST)
        kept = ("--save", "", "--appendonly", "no", "--dir", str(folder))
        self._child = Child("valkey", [program, *listening, *kept], log=folder / "valkey.log")

    def start(self) -> None:
        self._child.start()
        wait_until_ready(self._child, lambda: is_listening(self.port))

    def kill(self) -> None:
        self._child.kill()

    def stop(self) -> None:
        self._child.stop()


class RabbitServer:
    """A node with a folder, a name and a port mapper (epmd) of its own."""

    def __init__(self, folder: Path) -> None:
        self.port, self._mapper_port, cluster_port = (find_free_port() for _ in range(3))
        self.url = f"amqp://guest:guest@{HOST}:{self.port}//"
        self.environment: dict[str, str] = {}
        (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = {HOST}:{self.port}\n")
        (folder / "environment.conf").touch()
        (folder / "enabled_plugins").write_text("[].\n")
        environment = {
            **os.environ,
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_NODENAME": f"meshmarket-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(cluster_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
            # The script then becomes the server, instead of starting it in the background.
            "RABBITMQ_ALLOW_INPUT": "1",
        }
        log = folder / "rabbitmq.log"
        mapper = ["epmd", "-port", str(self._mapper_port), "-address", HOST]
        self._mapper = Child("epmd", mapper, log=folder / "epmd.log", environment=environment)
        self._server = Child(
            "rabbitmq", [RABBITMQ_PROGRAM, "-noinput"], log=log, environment=environment, folder=folder
        )

    def start(self) -> None:
        if not self._mapper.is_running:
            self._mapper.start()
            # A node that finds none starts one of its own, which would stay.
            wait_until_ready(self._mapper, lambda: is_listening(self._mapper_port))
        self._server.start()
        wait_until_ready(self._server, lambda: is_listening(self.port))

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()
        self._mapper.stop()


class SqsServer:
    """The pretend AWS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = find_free_port()
        self.url = f"sqs://?region={REGION}"
        self.environment: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "mocklake",
            "--strict",
            "--port",
            str(self.port),
            "--state",
            str(self.folder),
        ]
        process = subprocess.Popen([*command, "--seed", SEED], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        cloud = Cloud(self.folder, SEED, process, address)
        keys = cloud.control(f"credentials?account={GOVERNANCE}&role=")
        self._process = process
        self.environment |= {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        }

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()

    def stop(self) -> None:
        self.kill()


BROKERS: dict[str, Callable[[Path], Broker]] = {
    "valkey": ValkeyServer,
    "rabbitmq": RabbitServer,
    "sqs": SqsServer,
}


def find_missing(name: str) -> str:
    """Why this broker cannot be started here; empty if it can."""
    if name == "valkey" and find_valkey() is None:
        return "no valkey-server is installed"
    if name == "rabbitmq" and not (RABBITMQ_PROGRAM.exists() and shutil.which("epmd")):
        return "rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)"
    return ""


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
