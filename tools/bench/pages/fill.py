"""An inbox full of requests, for the owners of the catalog that `bench search` fills.

Rows are written without the verbs: what is measured does not depend on who asked how.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from catalog.mirror.models import Table
from identity.accounts.models import Account, Principal
from identity.people.models import Membership, Person, Team
from identity.sessions import SessionStore
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.review.risk import RiskFacts, compute_risk

BATCH, ASKERS, OWNERS, COLUMNS, LONGEST_DAYS, WIDENED = 1000, 20, 20, 3, 400, 0.1
ASKED = datetime(2026, 11, 1, tzinfo=UTC)
CLASSES = ("public", "private", "sensitive", "")


def fill(count: int, seed: int) -> None:
    """So many requests for one table each, on the tables of the owners' domains; prints the keys of the owners' sessions."""
    readers = Team.objects.create(slug="readers", name="Readers")
    askers = [
        Person.objects.create(email=f"reader-{at}@bank.example", name=f"Reader {at}") for at in range(ASKERS)
    ]
    asking = Asking(readers, askers, _role_of(readers), random.Random(seed))
    for first in range(0, count, BATCH):
        asking.write(range(first, min(first + BATCH, count)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(*map(session_of, _owners()))


def _role_of(readers: Team) -> Principal:
    """In an account of theirs: an owner decides on nothing that the own account would use."""
    held = Principal.objects.select_related("account").get(name="reader")
    arn = "arn:aws:iam::222222222222:role/"
    account = Account.objects.create(
        team=readers, account_id="222222222222", name="Readers", region=held.account.region, is_consumer=True,
        observer_role_arn=f"{arn}observer", executor_role_arn=f"{arn}executor", external_id="readers",
    )  # fmt: skip
    return Principal.objects.create(
        account=account, name="asks", arn=f"{arn}asks", unique_id="AROAREADERS", first_seen_at=ASKED
    )


def _owners() -> list[Person]:
    """Colleagues, who each see the same inbox with rights of their own."""
    team = Team.objects.get(slug="bench")
    people = [
        Person.objects.create(email=f"owner-{at}@bank.example", name=f"Owner {at}", password="!")  # noqa: S106
        for at in range(OWNERS)
    ]
    for person in people:
        Membership.objects.create(team=team, person=person, role=Membership.Role.DATA_OWNER)
    return people


@dataclass
class Asking:
    """Who asks for which of the tables; chance says for what of them, and for how long."""

    team: Team
    people: Sequence[Person]
    role: Principal
    lots: random.Random

    def __post_init__(self) -> None:
        owned = Table.objects.filter(database__domain__owner_team__slug="bench").order_by("pk")
        self._tables = list(owned[:BATCH])

    def write(self, numbers: range) -> None:
        requests = AccessRequest.objects.bulk_create(map(self._request, numbers))
        Item.objects.bulk_create(self._items(requests))

    def _request(self, number: int) -> AccessRequest:
        asked = ASKED + timedelta(minutes=number)
        return AccessRequest(
            requester=self.lots.choice(self.people), team=self.team, principal=self.role, submission_key=f"{number}",
            purpose="Reserves of the quarter, by region and by month.", submitted_at=asked,
            ends_at=asked + timedelta(days=self.lots.randint(1, LONGEST_DAYS)),
        )  # fmt: skip

    def _items(self, requests: Sequence[AccessRequest]) -> Iterator[Item]:
        for request in requests:
            days = (request.ends_at - request.submitted_at).days
            facts = RiskFacts(
                self.lots.choice(CLASSES), whole_table=False, widens=self.lots.random() < WIDENED, outside=False,
                days=days,
            )  # fmt: skip
            yield Item(
                request=request, requester=request.requester, table=self.lots.choice(self._tables),
                columns=[f"c_{at}" for at in range(COLUMNS)], ends_at=request.ends_at, state_changed_at=request.submitted_at,
                risk=compute_risk(facts).points, risk_facts=facts.to_json(),
            )  # fmt: skip


def session_of(person: Person) -> str:
    """The key of a session in which the person is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    assert session.session_key
    return session.session_key
