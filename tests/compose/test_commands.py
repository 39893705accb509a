"""Our services' commands, environments and health checks run as plain processes. No container engine is needed."""

import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.embedded.process import wait_until
from tests.compose.composed import OURS, service
from tests.compose.machine import PATIENCE, Machine, machine

pytestmark = [pytest.mark.all, pytest.mark.xdist_group("compose")]
LASTING = [name for name in OURS if service(name).get("restart") != "no" and name != "awsim"]


@pytest.fixture(scope="module")
def running() -> Iterator[Machine]:
    """Everything started in the order of `depends_on`, the pretend AWS first."""
    with tempfile.TemporaryDirectory(prefix="mm-compose-") as folder, machine(Path(folder) / "state") as made:
        made.start("awsim")
        assert wait_until(lambda: made.is_healthy("awsim"), PATIENCE)
        made.run("pretend-keys")
        made.run("migrate")
        made.run("web", ["python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"])
        made.run("pretend-bank")
        for name in LASTING:
            made.start(name)
        yield made


@pytest.mark.parametrize("name", LASTING)
def test_a_service_becomes_healthy(running: Machine, name: str) -> None:
    assert wait_until(lambda: running.is_healthy(name), PATIENCE, step=1.0), "\n".join(
        running.folder.log(one).read_text() for one in (name, f"{name}-health")
    )


def test_the_site_answers(running: Machine) -> None:
    assert wait_until(lambda: running.is_healthy("web"), PATIENCE)
    with urllib.request.urlopen(f"http://localhost:{running.web}/sign-in/", timeout=60) as answer:
        assert answer.status == 200


def test_the_web_cannot_change_an_event(running: Machine) -> None:
    """The role that roles.sql makes gets from `migrate` what it may do, and no more."""
    address = running.environment("web")["DATABASE_URL"]
    with psycopg.connect(address) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_event")


def test_the_first_person_is_made_by_the_owner(running: Machine) -> None:
    """As README.md says, with the address that migrations use."""
    make = [
        "manage.py",
        "createsuperuser",
        "--noinput",
        "--email",
        "first@example.org",
        "--name",
        "First Person",
    ]
    running.run("migrate", ["env", "DJANGO_SUPERUSER_PASSWORD=only for this test", "python", *make])
