"""Who calls: three people of the bank in their sessions, and a service with its token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client

from demo.seed.people import find_person
from identity.people.models import Membership, Team
from identity.service_tokens import TokenScope, create_service_token
from kernel import clock

CSRF_TOKEN = "f" * 32
PEOPLE = {"consumer": "ana.keller", "owner": "jonas.weber", "governor": "greta.sommer"}
TOKEN = "token"  # noqa: S105 - the name of a caller
CALLERS = (*PEOPLE, TOKEN)


@dataclass(frozen=True)
class Credentials:
    headers: Mapping[str, str]
    cookies: Mapping[str, str]

    def to_arguments(self) -> dict[str, Any]:
        """For a call of a case."""
        return {"headers": dict(self.headers), "cookies": dict(self.cookies)}


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
    """Of a token of the insurance team with every scope."""
    owner, now = find_person(PEOPLE["owner"]), clock.now()
    made = create_service_token(
        acting_user=owner,
        team_id=Team.objects.get(memberships__person=owner, memberships__role=Membership.Role.DATA_OWNER).pk,
        name="Fuzz",
        scopes=[*TokenScope],
        expires_at=now + timedelta(days=30),
        now=now,
    )
    return Credentials({"Authorization": f"Bearer {made.secret}"}, {})
