"""What `manage.py demo --containers` would build and start. Nothing is run: podman is recorded."""

from pathlib import Path
from typing import Any

import pytest

from demo.containers import run
from demo.containers.run import PYTHON, REGISTRY, SERVERS, STAND_INS, Podman, Trial, list_services_in_order
from demo.embedded.child_process import EmbeddedError


class RecordedPodman(Podman):
    """`builds`: the options of each image that is built, by its name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "recorded")
        self.builds: dict[str, tuple[str, ...]] = {}

    def has_image(self, image: str) -> bool:
        return True

    def build_image(self, image: str, file: Path, *options: str, **_: Any) -> None:
        self.builds[image] = options


@pytest.fixture
def podman(tmp_path: Path) -> RecordedPodman:
    return RecordedPodman(tmp_path)


def test_with_a_registry_every_image_is_named_with_it(podman: RecordedPodman) -> None:
    """A short name is one that podman refuses without an alias on the machine."""
    trial = Trial(podman, REGISTRY, print)
    trial.build_images()
    base = "BASE=docker.io/library/python:3.11.14-slim-bookworm"
    arguments = ("--build-arg", base, "--build-arg", "REQUIREMENTS=base")
    assert podman.builds == {
        "localhost/meshmarket:0.1.0": ("--target", "production", *arguments),
        "localhost/meshmarket-pretend:0.1.0": ("--target", "pretend", *arguments),
    }
    assert trial.get_image("postgres") == "docker.io/library/postgres:18.4"
    assert trial.get_image("valkey") == "docker.io/valkey/valkey:9.1.2"


def test_stand_ins_take_the_place_of_what_a_registry_has(podman: RecordedPodman) -> None:
    trial = Trial(podman, STAND_INS, print)
    trial.build_images()
    assert {PYTHON, *SERVERS.values()} < podman.builds.keys()
    assert f"BASE={PYTHON}" in podman.builds["localhost/meshmarket:0.1.0"]
    assert {trial.get_image(name) for name in SERVERS} == set(SERVERS.values())


@pytest.mark.parametrize("needs", [{"web": ["beat"], "beat": ["web"]}, {"web": ["nothing"]}])
def test_services_that_wait_for_ever_are_named(
    monkeypatch: pytest.MonkeyPatch, needs: dict[str, list[str]]
) -> None:
    waiting: dict[str, Any] = {
        name: {"depends_on": {other: {} for other in of}} for name, of in needs.items()
    }
    services = {"postgres": {}, **waiting}
    monkeypatch.setattr(run, "load_compose_file", lambda: {"services": services})
    with pytest.raises(EmbeddedError, match="would wait for ever") as told:
        list_services_in_order()
    assert all(f"{name} (for {of[0]})" in str(told.value) for name, of in needs.items())
