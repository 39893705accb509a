"""People who request many tables at once, and people who register tables."""

import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from catalog.mirror.models import Table
from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from decisions.actions import approve_proposal, end_proposal
from decisions.states import DecisionState
from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION
from demo.seed.people import find_person
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from requests_app.access_requests.may import build_requesting_side, get_item_domain
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.errors import EffectsChangedError, ItemsRefusedError
from requests_app.grants.actions import MAX_REVOKED, revoke_grant, revoke_grants
from requests_app.grants.models import Grant
from requests_app.review.may import list_deciders
from requests_app.submission.actions import submit_access_request
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem
from tools.environment.people import approve_as, find_requester

SINGLE_SHARE = 0.2
"""The share of the grants that are revoked one by one."""
ENGINEERS = "insurance-pipeline"
DEVELOPER, OWNER = "emre.aydin", "jonas.weber"
DATABASES = ("insurance_landing", "insurance_serving")
TYPES = ("string", "bigint", "date", "decimal(12,2)")
END_SHARE = 0.2
MAX_COLUMNS = 12


@dataclass(frozen=True)
class TableRequest:
    """Columns of a table; none for the whole table; of the rows that match a filter. The table has its
    database, domain, catalog and columns with it.
    """

    table: Table
    columns: tuple[str, ...]
    row_filter: str = ""

    def to_item(self) -> RequestedItem:
        return RequestedItem(self.table.pk, self.columns, not self.columns, None, self.row_filter)


class RequestingPeople:
    """Nobody's roles change in the run: who asks and who decides is found out once for all of whom it is the same."""

    def __init__(self) -> None:
        self._askers: dict[int, Person] = {}
        self._deciders: dict[Hashable, Person | None] = {}

    def submit(
        self, role: Principal, wanted: Sequence[TableRequest], *, duration: timedelta, purpose: str, key: str
    ) -> list[RequestItem]:
        """One request for all of it; of which tables it is refused is left out and the rest is sent, if any is left."""
        left = {table_request.table.pk: table_request for table_request in wanted}
        while left:
            try:
                request = self._submit(role, list(left.values()), duration, purpose, key)
            except ItemsRefusedError as error:
                left = {pk: one for pk, one in left.items() if pk not in error.by_table}
            except RefusedError:
                if len(left) > 1:
                    raise
                return []
            else:
                return list(_list_items(request, left))
        return []

    def _submit(
        self, role: Principal, wanted: Sequence[TableRequest], lasts: timedelta, purpose: str, key: str
    ) -> AccessRequest:
        if role.pk not in self._askers:
            self._askers[role.pk] = find_requester(role)
        now = clock.now()
        return submit_access_request(
            acting_user=self._askers[role.pk],
            details=Recipient(role).build_details({"purpose": purpose}, now + lasts),
            items=[table_request.to_item() for table_request in wanted],
            idempotency_key=key,
            now=now,
        )

    def approve_all(self, items: Sequence[RequestItem]) -> list[Grant]:
        """Approves each of a request's items that are looked at together; what is refused gives no grant."""
        looked_at, found = QueryCache(), []
        for item in items:
            try:
                found.append(self.approve(item, looked_at))
            except RefusedError:
                continue
        return found

    def approve(self, item: RequestItem, readings: QueryCache | None = None) -> Grant:
        """As `tools.environment.people.approve`; what became other since it was looked at is looked at anew. RefusedError."""
        decider = self.find_decider(item)
        if decider is None:
            raise RefusedError("nobody may decide", "items")
        try:
            return approve_as(decider, item, readings)
        except EffectsChangedError:
            return approve_as(decider, item)

    def revoke_some(self, grants: Sequence[Grant], reason: str, lots: random.Random) -> None:
        """Some by a word of their own each, the others by one word of each of those who may decide on them."""
        left = []
        for grant in grants:
            if lots.random() < SINGLE_SHARE:
                self.revoke([grant], reason)
            else:
                left.append(grant)
        self.revoke(left, reason)

    def revoke(self, grants: Sequence[Grant], reason: str) -> None:
        """By one word of each of those who may decide on them; one by itself by the verb that is for one."""
        theirs: dict[Person | None, list[int]] = defaultdict(list)
        for grant in grants:
            theirs[self.find_decider(grant.item)].append(grant.pk)
        for decider, ids in theirs.items():
            assert decider is not None, "who agreed to it may end it"
            if len(ids) == 1:
                revoke_grant(acting_user=decider, grant_id=ids[0], reason=reason, now=clock.now())
                continue
            for start in range(0, len(ids), MAX_REVOKED):
                some = ids[start : start + MAX_REVOKED]
                revoke_grants(acting_user=decider, grant_ids=some, reason=reason, now=clock.now())

    def find_decider(self, item: RequestItem) -> Person | None:
        """The first of those whose turn it is."""
        domain, turn = get_item_domain(item), tuple(item.waits_for or item.needed_from)
        team = domain.owner_team_id if domain else None
        of_whom = (team, turn, item.request.team_id, build_requesting_side(item))
        if of_whom not in self._deciders:
            self._deciders[of_whom] = list_deciders(item).order_by("pk").first()
        return self._deciders[of_whom]


def _list_items(request: AccessRequest, wanted: dict[int, TableRequest]) -> Iterator[RequestItem]:
    """With their tables, in the order of the request."""
    for item in request.items.order_by("pk"):
        item.table = wanted[item.table_id].table
        yield item


class RegistrationActor:
    """`step` registers a table of one of two new databases, or ends a registration."""

    def __init__(self, seed: int, registrations: int) -> None:
        self._picks = random.Random(f"registrations-{seed}")
        self._registrations = registrations
        self.engineer = Principal.objects.select_related("account").get(
            account__account_id=INSURANCE, name=ENGINEERS, gone_at=None
        )
        self._catalog = ConnectedCatalog.objects.get(account__account_id=GOVERNANCE, region=REGION)
        self._domain = Domain.objects.get(slug="insurance")
        self._gold = Account.objects.get(account_id=INSURANCE).gold_location.rstrip("/")
        self.made_count = 0
        self.ended_count = 0

    @property
    def is_done(self) -> bool:
        return self.made_count >= self._registrations

    def step(self) -> None:
        approved = list(Registration.objects.filter(state=DecisionState.APPROVED).order_by("pk"))
        if approved and self._picks.random() < END_SHARE:
            self._end(self._picks.choice(approved))
        else:
            self._register()

    def _register(self) -> None:
        self.made_count += 1
        table = f"table_{self.made_count}"
        content = RegistrationContent(
            self._catalog.pk, self._domain.pk, self.engineer.account_id, self.engineer.pk,
            self._picks.choice(DATABASES), table, f"{self._gold}/{table}/", tuple(self._choose_columns()), "Chaos.",
        )  # fmt: skip
        row = request_registration(acting_user=find_person(DEVELOPER), content=content, now=clock.now())
        approve_proposal(kind=REGISTRATION, acting_user=find_person(OWNER), pk=row.pk, effects_hash=compute_effects_hash(row), comment="",
            now=clock.now(),
        )  # fmt: skip

    def _choose_columns(self) -> Iterator[dict[str, str]]:
        for number in range(self._picks.randint(1, MAX_COLUMNS)):
            yield {"name": f"column_{number}", "type": self._picks.choice(TYPES), "comment": ""}

    def _end(self, row: Registration) -> None:
        self.ended_count += 1
        end_proposal(
            kind=REGISTRATION,
            acting_user=find_person(OWNER),
            pk=row.pk,
            reason="Over.",
            now=clock.now(),
        )
