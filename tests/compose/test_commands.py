"""Our services' commands, environments and health checks run as plain processes. No container engine is needed."""

import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.containers.run import OURS, get_service
from demo.embedded.child_process import wait_until
from tests.compose.local_services import TIMEOUT_SECONDS, LocalServices, is_listening, run_local_services

pytestmark = [pytest.mark.all, pytest.mark.xdist_group("compose")]
LONG_RUNNING_SERVICES = [
    name for name in OURS if get_service(name).get("restart") != "no" and name != "mocklake"
]
WORKER_PROCESSES = 3
"""The two workers and beat."""


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServices]:
    """Everything started in the order of `depends_on`, the pretend AWS first."""
    with (
        tempfile.TemporaryDirectory(prefix="mm-compose-") as folder,
        run_local_services(Path(folder) / "state") as made,
    ):
        made.start_service("mocklake")
        assert wait_until(lambda: is_listening(made.aws), TIMEOUT_SECONDS)
        assert wait_until(lambda: made.is_healthy("mocklake"), TIMEOUT_SECONDS)
        made.run_service("pretend-keys")
        made.run_service("migrate")
        made.run_service("web", ["python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"])
        made.run_service("pretend-bank")
        for name in LONG_RUNNING_SERVICES:
            made.start_service(name)
        # A health check is a process that reads all code: it is asked once there is something to find.
        assert wait_until(lambda: is_listening(made.web), TIMEOUT_SECONDS)
        assert wait_until(lambda: made.count_worker_processes() == WORKER_PROCESSES, TIMEOUT_SECONDS)
        yield made


@pytest.mark.parametrize("name", LONG_RUNNING_SERVICES)
def test_a_service_becomes_healthy(running: LocalServices, name: str) -> None:
    assert wait_until(lambda: running.is_healthy(name), TIMEOUT_SECONDS, step=1.0), "\n".join(
        running.folder.log_file(one).read_text() for one in (name, f"{name}-health")
    )


def test_the_site_answers(running: LocalServices) -> None:
    assert wait_until(lambda: running.is_healthy("web"), TIMEOUT_SECONDS)
    with urllib.request.urlopen(f"http://localhost:{running.web}/sign-in/", timeout=60) as answer:
        assert answer.status == 200


def test_the_web_cannot_change_an_event(running: LocalServices) -> None:
    """The role that roles.sql makes gets from `migrate` what it may do, and no more."""
    address = running.build_environment("web")["DATABASE_URL"]
    with psycopg.connect(address) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_event")


def test_the_first_person_is_made_by_the_owner(running: LocalServices) -> None:
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
    running.run_service("migrate", ["env", "DJANGO_SUPERUSER_PASSWORD=only for this test", "python", *make])
