"""Podman as a Compose without networks of its own: containers share one network namespace, names lead to 127.0.0.1."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.bootstrap import ROOT
from demo.containers.compose_file import fill_variables, get_service, load_compose_file
from demo.embedded.errors import EmbeddedError
from demo.embedded.progress import Activity

CONFIGURATION = """\
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
cgroups = "enabled"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""
"""Limits below the usual hard ones of a shell, and the runtime that takes cgroups of both versions."""


class Podman:
    """`name` begins the names of its containers and volumes, so that `remove` finds them all."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.configuration = folder / "containers.conf"
        self.configuration.write_text(CONFIGURATION, encoding="utf-8")
        self.log = folder / "podman.log"
        self.hosts = folder / "hosts"

    def call(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """EmbeddedError with the last line when it fails."""
        try:
            done = subprocess.run(
                ["env", f"CONTAINERS_CONF={self.configuration}", "podman", *arguments],
                check=False, capture_output=True, text=True,
            )  # fmt: skip
        except FileNotFoundError:
            raise EmbeddedError("There is no podman here: docs/operations.md says what to install.") from None
        if check and done.returncode:
            last = " ".join(done.stderr.strip().splitlines()[-1:])
            raise EmbeddedError(f"podman {arguments[0]} failed: {last}")
        return done

    def has_image(self, image: str) -> bool:
        return self.call("image", "exists", image, check=False).returncode == 0

    def build_image(self, image: str, file: Path, *options: str, context: Path = ROOT) -> None:
        arguments = [
            "build",
            "--network",
            "host",
            "--file",
            str(file),
            "--tag",
            image,
            *options,
            str(context),
        ]
        done = self.call(*arguments, check=False)
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode:
            raise EmbeddedError(f"{image} could not be built: {done.stderr.strip()[-300:]} (log: {self.log})")

    def container_name(self, service: str) -> str:
        return f"{self.name}-{service}"

    def create_network(self, image: str, host_names: Sequence[str]) -> None:
        """A network namespace with a loopback and nothing else, held by a container that only waits."""
        self.hosts.write_text(f"127.0.0.1 localhost {' '.join(host_names)}\n", encoding="utf-8")
        self.call(
            "run", "--detach", "--name", self.container_name("network"), "--network", "none", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--init", image, "sleep", "infinity",
        )  # fmt: skip

    def start_service(
        self, name: str, image: str, variables: Mapping[str, str], environment: Mapping[str, str]
    ) -> None:
        """The service's container as the file says; returns while it still starts."""
        command = [fill_variables(part, variables) for part in get_service(name).get("command", [])]
        self.call(*self._build_run_arguments(name, self.container_name(name), environment), image, *command)

    def _build_run_arguments(self, name: str, container: str, environment: Mapping[str, str]) -> list[str]:
        service = get_service(name)
        options = [
            "run",
            "--detach",
            "--name",
            container,
            "--network",
            f"container:{self.container_name('network')}",
        ]
        options += ["--volume", f"{self.hosts}:/etc/hosts:ro"]
        options += ["--init"] if service.get("init") else []
        options += ["--read-only", "--read-only-tmpfs=false"] if service.get("read_only") else []
        options += [
            part for capability in service.get("cap_drop", []) for part in ("--cap-drop", capability.lower())
        ]
        options += [
            part for capability in service.get("cap_add", []) for part in ("--cap-add", capability.lower())
        ]
        options += [
            part
            for rule in service.get("security_opt", [])
            for part in ("--security-opt", rule.removesuffix(":true"))
        ]
        options += [part for place in service.get("tmpfs", []) for part in ("--tmpfs", place)]
        options += [
            part for volume in service.get("volumes", []) for part in ("--volume", self.locate_volume(volume))
        ]
        options += [part for key, value in environment.items() for part in ("--env", f"{key}={value}")]
        return options

    def locate_volume(self, volume: str) -> str:
        """A volume of this run, or a file of the project, where the file names one."""
        source, rest = volume.split(":", 1)
        return f"{ROOT / source}:{rest}" if source.startswith(".") else f"{self.name}-{source}:{rest}"

    def run_beside(self, service: str, image: str, environment: Mapping[str, str], *command: str) -> int:
        """Runs a command to its end in a container of its own with the service's options; what it prints is printed."""
        container = self.container_name("beside")
        self.call(*self._build_run_arguments(service, container, environment), image, *command)
        followed = subprocess.run(
            ["env", f"CONTAINERS_CONF={self.configuration}", "podman", "logs", "--follow", container],
            check=False,
        )
        assert followed.returncode == 0
        code = int(self.inspect("beside")["State"]["ExitCode"])
        self.call("rm", "--force", container)
        return code

    def inspect(self, service: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self.call("inspect", self.container_name(service)).stdout)
        return found[0]

    def is_running(self, service: str) -> bool:
        return bool(self.inspect(service)["State"]["Running"])

    def is_healthy(self, service: str) -> bool:
        """By the file's own health check, run once."""
        kind, *rest = get_service(service)["healthcheck"]["test"]
        command = ["sh", "-c", rest[0].replace("$$", "$")] if kind == "CMD-SHELL" else rest
        return self.call("exec", self.container_name(service), *command, check=False).returncode == 0

    def read_log(self, service: str) -> str:
        done = self.call("logs", self.container_name(service), check=False)
        return done.stdout + done.stderr

    def read_activity(self, service: str) -> Activity:
        """What all processes of the container have done, by its control group, and how much it has written."""
        done = self.call("top", self.container_name(service), "time", check=False)
        seconds = sum(parse_process_time(line) for line in done.stdout.splitlines()[1:])
        return Activity(seconds, len(self.read_log(service)))

    def remove(self) -> None:
        """All containers and volumes of this name, also those that an earlier run left."""
        listed = self.call("ps", "--all", "--format", "{{.Names}}", check=False).stdout.split()
        containers = [one for one in listed if one.startswith(f"{self.name}-")]
        # The one that holds the network comes last.
        for one in sorted(containers, key=lambda name: name.endswith("-network")):
            self.call("rm", "--force", "--time", "20", one, check=False)
        for volume in load_compose_file()["volumes"]:
            self.call("volume", "rm", "--force", f"{self.name}-{volume}", check=False)


def parse_process_time(text: str) -> float:
    """`podman top`'s times are like 1m2.5s or 340ms."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    seconds, number = 0.0, ""
    for character in text.strip().replace("ms", "").replace("µs", ""):
        if character in units:
            seconds, number = seconds + float(number or 0) * units[character], ""
        else:
            number += character
    return seconds
