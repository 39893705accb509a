"""Builds the images, starts the services in the order of `depends_on`, proves the main job, removes what it made."""

import json
import re
import secrets
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from demo.bootstrap import ROOT
from demo.embedded.child_process import Activity, EmbeddedError, wait_while_moving

NAME = "meshmarket-try"
WALK = ("python", "-m", "demo.containers.walk")
WALKER = "pretend-keys"
"""The service whose options the walk gets: it reads the pretend AWS's state."""
REGISTRY, STAND_INS = "registry", "debian"
IMAGE_SOURCES = (REGISTRY, STAND_INS)
FILE = ROOT / "docker-compose.yml"
BEGIN = re.compile(r"\$(\$|\{(\w+)(?::([-?]))?)")
OURS = ("migrate", "web", "worker", "worker-others", "beat", "mocklake", "pretend-keys", "pretend-bank")
FILES = ROOT / "deploy" / "debian"
PACKAGES = ("python3", "python3-venv", "ca-certificates", "redis-tools")
DEBIAN = "localhost/meshmarket-debian:1"
PYTHON = "localhost/meshmarket-python:1"
SERVERS = {"postgres": "localhost/meshmarket-postgres:1", "valkey": "localhost/meshmarket-valkey:1"}
CONFIGURATION = """\
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
cgroups = "enabled"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""
"""Limits below the usual hard ones of a shell, and the runtime that takes cgroups of both versions."""


def run_containers(images: str, write_line: Callable[[str], None]) -> int:
    """0 when every service became healthy and every step of the walk is true. Leaves no container and no volume."""
    with tempfile.TemporaryDirectory(prefix="mm-containers-") as folder:
        podman = Podman(Path(folder), NAME)
        trial = Trial(podman, images, write_line)
        podman.remove()
        try:
            trial.build_images()
            trial.start_services()
            return trial.walk()
        finally:
            podman.remove()


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
        for container in sorted(containers, key=lambda name: name.endswith("-network")):
            self.call("rm", "--force", "--time", "20", container, check=False)
        for volume in load_compose_file()["volumes"]:
            self.call("volume", "rm", "--force", f"{self.name}-{volume}", check=False)


class Trial:
    """`images` says where the base and the servers come from: the registry, or Debian's packages."""

    def __init__(self, podman: Podman, images: str, write_line: Callable[[str], None]) -> None:
        self.podman = podman
        self.images = images
        self.write_line = write_line
        self.variables = make_variables()
        base = get_service("web")["build"]["args"]["BASE"]
        self.variables["MESHMARKET_BASE_IMAGE"] = (
            PYTHON if images == STAND_INS else qualify_image(fill_variables(base, self.variables))
        )

    def get_image(self, name: str) -> str:
        if self.images == STAND_INS and name in SERVERS:
            return SERVERS[name]
        image: str = get_service(name)["image"]
        return f"localhost/{image}" if name in OURS else qualify_image(image)

    def build_images(self) -> None:
        if self.images == STAND_INS:
            self.write_line("Building stand-ins for the base and the servers from Debian's packages")
            build_stand_ins(self.podman)
        targets = {get_service(name)["build"]["target"]: name for name in OURS}
        for target, name in targets.items():
            self.write_line(f"Building the image {target}")
            arguments = get_service(name)["build"]["args"]
            options = [
                part
                for key, value in arguments.items()
                for part in ("--build-arg", f"{key}={fill_variables(value, self.variables)}")
            ]
            self.podman.build_image(self.get_image(name), ROOT / "Dockerfile", "--target", target, *options)

    def start_services(self) -> None:
        self.podman.create_network(self.get_image("web"), list(load_compose_file()["services"]))
        for name in list_services_in_order():
            self.write_line(f"Starting {name}")
            environment = build_service_environment(name, self.variables)
            self.podman.start_service(name, self.get_image(name), self.variables, environment)
            if "healthcheck" in get_service(name):
                self.wait(name, partial(self.podman.is_healthy, name))
            else:
                self.wait(name, partial(self.has_ended, name))
                code = self.podman.inspect(name)["State"]["ExitCode"]
                if code:
                    raise EmbeddedError(f"{name} ended with {code}:\n{self.podman.read_log(name)[-3000:]}")

    def has_ended(self, name: str) -> bool:
        return not self.podman.is_running(name)

    def wait(self, name: str, is_done: Callable[[], bool]) -> None:
        """As long as the container moves; a service that ends instead is an error."""
        lasts = "healthcheck" in get_service(name)

        def is_over() -> bool:
            return is_done() or (lasts and not self.podman.is_running(name))

        is_seen = wait_while_moving(name, is_over, lambda: self.podman.read_activity(name))
        if not is_seen or (lasts and not self.podman.is_running(name)):
            raise EmbeddedError(f"{name} does not become healthy:\n{self.podman.read_log(name)[-3000:]}")

    def walk(self) -> int:
        self.write_line("All services are healthy. Running the steps of the verdict")
        environment = build_service_environment(WALKER, self.variables) | {
            "DJANGO_SETTINGS_MODULE": "demo.settings",
            "MESHMARKET_DEMO_PASSWORD": self.variables["MESHMARKET_DEMO_PASSWORD"],
        }
        code = self.podman.run_beside(WALKER, self.get_image(WALKER), environment, *WALK)
        for name in OURS:
            self.report_log(name)
        return code

    def report_log(self, name: str) -> None:
        """What a service logged as an error: a healthy run has none."""
        lines = [line for line in self.podman.read_log(name).splitlines() if " ERROR " in line]
        self.write_line(
            "\n  ".join([f"{name}: {len(lines)} errors in the log", *(line[:300] for line in lines[:5])])
        )


def qualify_image(image: str) -> str:
    """The name with its registry: podman resolves a short one only where the machine has an alias for it."""
    return f"docker.io/{image}" if "/" in image else f"docker.io/library/{image}"


def make_variables() -> dict[str, str]:
    """The `.env` of this run: each required variable, random."""
    required = {name: secrets.token_hex(24) for name, (kind, _) in list_variables().items() if kind == "?"}
    return required | {
        "MESHMARKET_DEMO_PASSWORD": secrets.token_urlsafe(16),
        "AWS_ENDPOINT_URL": "http://mocklake:5000",
    }


@cache
def load_compose_file() -> dict[str, Any]:
    """The file with anchors and merges resolved, variables as written."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def get_service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load_compose_file()["services"][name]
    return found


def list_services_in_order() -> list[str]:
    """Each after all that its `depends_on` names. EmbeddedError when services wait for each other, or for one that is not there."""
    ordered: list[str] = []
    waiting = list(load_compose_file()["services"])
    while waiting:
        ready = [name for name in waiting if set(get_service(name).get("depends_on", {})) <= set(ordered)]
        if not ready:
            names = ", ".join(
                f"{name} (for {', '.join(sorted(set(get_service(name)['depends_on']) - set(ordered)))})"
                for name in waiting
            )
            raise EmbeddedError(
                f"{FILE.name}: these services would wait for ever, as depends_on has a circle or an unknown name: {names}."
            )
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def list_variables() -> dict[str, tuple[str, str]]:
    """By name, how a variable is asked for (`?`, `-` or nothing) and the text that follows."""
    found = {name: (kind, text) for name, kind, text in parse_variables(FILE.read_text(encoding="utf-8"))}
    nested = {name: (kind, rest) for _, text in found.values() for name, kind, rest in parse_variables(text)}
    return found | nested


def parse_variables(text: str) -> Iterator[tuple[str, str, str]]:
    """The outermost variables of a text: name, kind, the text that follows."""
    for name, kind, rest, _, _ in locate_variables(text):
        if name:
            yield name, kind, rest


def locate_variables(text: str) -> Iterator[tuple[str, str, str, int, int]]:
    """As `parse_variables`, with the places where each begins and ends; `$$` has no name."""
    position = 0
    while begun := BEGIN.search(text, position):
        position = begun.end()
        if begun[1] == "$":
            yield "", "", "", begun.start(), position
            continue
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[position], 0)
            position += 1
        yield begun[2], begun[3] or "", text[begun.end() : position - 1], begun.start(), position


def fill_variables(text: str, given: Mapping[str, str]) -> str:
    """`text` as Compose fills it in; KeyError when a required variable is not given."""
    parts, position = [], 0
    for name, kind, rest, start, end in locate_variables(text):
        parts += [text[position:start], fill_variable(name, kind, rest, given) if name else "$"]
        position = end
    return "".join([*parts, text[position:]])


def fill_variable(name: str, kind: str, rest: str, given: Mapping[str, str]) -> str:
    if given.get(name):
        return given[name]
    if kind == "?":
        raise KeyError(name)
    return fill_variables(rest, given)


def build_service_environment(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """What the service's process gets from the file; a name without a value is passed on when it is given."""
    rows: dict[str, str | None] = get_service(name).get("environment", {})
    passed = {key: given[key] for key, value in rows.items() if value is None and key in given}
    return passed | {key: fill_variables(value, given) for key, value in rows.items() if value is not None}


def build_stand_ins(podman: Podman) -> None:
    """The base image and those of the servers; the Debian under them is made once."""
    if not podman.has_image(DEBIAN):
        import_debian(podman)
    with tempfile.TemporaryDirectory() as context:
        trusted = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        shutil.copy(trusted, Path(context) / "certificates.crt")
        podman.build_image(PYTHON, FILES / "python.Dockerfile", context=Path(context))
    for name, image in SERVERS.items():
        podman.build_image(image, FILES / f"{name}.Dockerfile")


def import_debian(podman: Podman) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        included = f"--include={','.join(PACKAGES)}"
        for command in (
            ["debootstrap", "--variant=minbase", included, "bookworm", str(root)],
            ["tar", "-C", str(root), "-cf", str(archive), "."],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                raise EmbeddedError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-300:]}")
        podman.call("import", str(archive), DEBIAN)


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
