"""Builds the images, starts the services in the order of `depends_on`, proves the main job, removes what it made."""

import secrets
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from demo.bootstrap import ROOT
from demo.containers.compose_file import (
    OURS,
    build_service_environment,
    fill_variables,
    get_service,
    list_services_in_order,
    list_variables,
    load_compose_file,
)
from demo.containers.podman import Podman
from demo.containers.stand_ins import PYTHON, SERVERS, build_stand_ins
from demo.embedded.errors import EmbeddedError
from demo.embedded.progress import wait_while_moving

NAME = "meshmarket-try"
WALK = ("python", "-m", "demo.containers.walk")
WALKER = "pretend-keys"
"""The service whose options the walk gets: it reads the pretend AWS's state."""
REGISTRY, STAND_INS = "registry", "debian"
IMAGE_SOURCES = (REGISTRY, STAND_INS)


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
            "\n  ".join([f"{name}: {len(lines)} errors in the log", *(one[:300] for one in lines[:5])])
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
