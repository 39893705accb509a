"""Who calls: three people of the bank in their sessions, and a service with its token."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client

from background.task_table import TASKS, TaskName
from demo.seed.derivation import seed_derivation, seed_publication_rules, seed_write_access
from demo.seed.discussion import seed_discussion
from demo.seed.glossary import seed_saved_searches
from demo.seed.local_groups import seed_local_groups
from demo.seed.offers import seed_offers
from demo.seed.people import find_person
from demo.seed.policies import seed_policies
from demo.seed.product_details import seed_deprecations, seed_publications
from identity.people.models import Membership, Team
from identity.service_tokens import TokenScope, create_service_token
from kernel import clock
from tools.environment.in_process_environment import InProcessEnvironment
from tools.environment.worker_environment import worker_environment
from workers.sweep import run_once

CSRF_TOKEN = "f" * 32
PEOPLE = {"consumer": "ana.keller", "owner": "jonas.weber", "governor": "greta.sommer"}
TOKEN = "token"  # noqa: S105 - the name of a caller
CALLERS = (*PEOPLE, TOKEN)
SEALING = {TaskName.SEAL, TaskName.VERIFY}
SEEDS = (
    seed_policies, seed_publications, seed_offers, seed_local_groups, seed_discussion, seed_saved_searches,
    seed_publication_rules, seed_derivation, seed_write_access, seed_deprecations,
)  # fmt: skip


@dataclass(frozen=True)
class Credentials:
    headers: Mapping[str, str]
    cookies: Mapping[str, str]

    def to_arguments(self) -> dict[str, Any]:
        """For a call of a case, whose answer is read as it comes: a call in the process has nobody who unpacks it."""
        return {"headers": {"Accept-Encoding": "identity", **self.headers}, "cookies": dict(self.cookies)}


@dataclass(frozen=True)
class Caller:
    """`begin` begins a session, or makes a token."""

    name: str
    begin: Callable[[], Credentials]


def create_caller(name: str) -> Caller:
    return Caller(name, create_token if name == TOKEN else lambda: begin_session(name))


def begin_session(name: str) -> Credentials:
    """The cookies of a new session, and the CSRF token as a browser's script sends it."""
    client = Client()
    client.force_login(find_person(PEOPLE[name]))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Credentials(
        {"X-CSRFToken": CSRF_TOKEN},
        {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF_TOKEN},
    )


def create_token() -> Credentials:
    """Creates a token of the insurance team with every scope."""
    owner, now = find_person(PEOPLE["owner"]), clock.now()
    service_token = create_service_token(
        acting_user=owner,
        team_id=Team.objects.get(memberships__person=owner, memberships__role=Membership.Role.DATA_OWNER).pk,
        name="Fuzz",
        scopes=[*TokenScope],
        expires_at=now + timedelta(days=30),
        now=now,
    )
    return Credentials({"Authorization": f"Bearer {service_token.secret}"}, {})


@contextmanager
def seeded_bank(write_line: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """People, accounts, tables and products of the demo, and much of what its people have done. Yields what runs the
    workers' tasks once.
    """
    with worker_environment(write_line, lambda _stage: None, InProcessEnvironment) as stage:
        assert isinstance(stage, InProcessEnvironment)
        for seed in SEEDS:
            seed()
        yield lambda: stage.run_as_worker(run_due_tasks)


def run_due_tasks() -> None:
    """Runs the tasks of the worker's database role."""
    run_once(task for task in TASKS if task not in SEALING)
