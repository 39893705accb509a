"""An inbox full of requests, for the owners of the catalog that `bench search` fills.

Rows are written without the actions: what is measured does not depend on who requested how.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from catalog.mirror.models import Table
from identity.accounts import Account, Principal
from identity.people.models import Membership, Person, Team
from identity.sessions import SessionStore
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.review.risk import RiskFacts, compute_risk

BATCH_SIZE, REQUESTER_COUNT, OWNER_COUNT, COLUMNS_PER_ITEM, MAX_DAYS, WIDENED_SHARE = (
    1000,
    20,
    20,
    3,
    400,
    0.1,
)
FIRST_SUBMITTED_AT = datetime(2026, 11, 1, tzinfo=UTC)
CLASSES = ("public", "private", "sensitive", "")


def fill(count: int, seed: int) -> None:
    """So many requests for one table each, on the tables of the owners' domains; prints the keys of the owners' sessions."""
    readers = Team.objects.create(slug="readers", name="Readers")
    askers = [
        Person.objects.create(email=f"reader-{at}@bank.example", name=f"Reader {at}")
        for at in range(REQUESTER_COUNT)
    ]
    asking = RequestGenerator(readers, askers, create_requesting_role(readers), random.Random(seed))
    for first in range(0, count, BATCH_SIZE):
        asking.write(range(first, min(first + BATCH_SIZE, count)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(*map(create_session, _create_owners()))


def create_requesting_role(readers: Team) -> Principal:
    """In an account of theirs: an owner decides on nothing that the own account would use."""
    held = Principal.objects.select_related("account").get(name="reader")
    arn = "arn:aws:iam::222222222222:role/"
    account = Account.objects.create(
        team=readers, account_id="222222222222", name="Readers", region=held.account.region, is_consumer=True,
        observer_role_arn=f"{arn}observer", executor_role_arn=f"{arn}executor", external_id="readers",
    )  # fmt: skip
    return Principal.objects.create(
        account=account,
        name="asks",
        arn=f"{arn}asks",
        unique_id="AROAREADERS",
        first_seen_at=FIRST_SUBMITTED_AT,
    )


def _create_owners() -> list[Person]:
    """Colleagues, who each see the same inbox with rights of their own."""
    team = Team.objects.get(slug="bench")
    people = [
        Person.objects.create(email=f"owner-{at}@bank.example", name=f"Owner {at}", password="!")  # noqa: S106
        for at in range(OWNER_COUNT)
    ]
    for person in people:
        Membership.objects.create(team=team, person=person, role=Membership.Role.DATA_OWNER)
    return people


@dataclass
class RequestGenerator:
    """Who asks for which of the tables; chance says for what of them, and for how long."""

    team: Team
    people: Sequence[Person]
    principal: Principal
    random: random.Random

    def __post_init__(self) -> None:
        owned = Table.objects.filter(database__domain__owner_team__slug="bench").order_by("pk")
        self._tables = list(owned[:BATCH_SIZE])

    def write(self, numbers: range) -> None:
        requests = AccessRequest.objects.bulk_create(map(self._build_request, numbers))
        RequestItem.objects.bulk_create(self._build_items(requests))

    def _build_request(self, number: int) -> AccessRequest:
        asked = FIRST_SUBMITTED_AT + timedelta(minutes=number)
        return AccessRequest(
            requester=self.random.choice(self.people), team=self.team, principal=self.principal, idempotency_key=f"{number}",
            purpose="Reserves of the quarter, by region and by month.", submitted_at=asked,
            ends_at=asked + timedelta(days=self.random.randint(1, MAX_DAYS)),
        )  # fmt: skip

    def _build_items(self, requests: Sequence[AccessRequest]) -> Iterator[RequestItem]:
        for request in requests:
            days = (request.ends_at - request.submitted_at).days
            facts = RiskFacts(
                self.random.choice(CLASSES), whole_table=False, has_widening=self.random.random() < WIDENED_SHARE, is_outside_organisation=False,
                days=days,
            )  # fmt: skip
            yield RequestItem(
                request=request, requester=request.requester, table=self.random.choice(self._tables),
                columns=[f"c_{at}" for at in range(COLUMNS_PER_ITEM)], ends_at=request.ends_at, state_changed_at=request.submitted_at,
                risk=compute_risk(facts).points, risk_facts=facts.to_json(),
            )  # fmt: skip


def create_session(person: Person) -> str:
    """The key of a session in which the person is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    assert session.session_key
    return session.session_key
