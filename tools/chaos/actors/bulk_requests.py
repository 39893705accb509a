"""What people do to many at once: ask for several tables, look at all that waits, end several grants with one word."""

import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from audit import clock
from catalog.mirror.models import Table
from fulfilment.query_cache import Readings
from identity.accounts.models import Principal
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.access_requests.may import build_requesting_side, get_item_domain
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.errors import EffectsChangedError, ItemsRefusedError
from requests_app.grants.actions import MAX_REVOKED, revoke_grant, revoke_grants
from requests_app.grants.models import Grant
from requests_app.review.may import list_deciders
from requests_app.submission.actions import submit_request
from requests_app.targets.requested_item import RequestedItem
from tools.environment.people import agree_as, asker_for

ALONE = 0.2
"""The part of the grants that is ended by a word of its own."""


@dataclass(frozen=True)
class Want:
    """Columns of a table; none for the whole table; of the rows for which the rule holds, if there is one. The table has its
    database, domain, catalog and columns with it.
    """

    table: Table
    columns: tuple[str, ...]
    row_rule: str = ""

    def ask(self) -> RequestedItem:
        return RequestedItem(self.table.pk, self.columns, not self.columns, None, self.row_rule)


class People:
    """Nobody's roles change in the run: who asks and who decides is found out once for all of whom it is the same."""

    def __init__(self) -> None:
        self._askers: dict[int, Person] = {}
        self._deciders: dict[Hashable, Person | None] = {}

    def ask(
        self, role: Principal, wanted: Sequence[Want], *, lasts: timedelta, purpose: str, key: str
    ) -> list[Item]:
        """One request for all of it; of which tables it is refused is left out and the rest is sent, if any is left."""
        left = {one.table.pk: one for one in wanted}
        while left:
            try:
                request = self._submit(role, list(left.values()), lasts, purpose, key)
            except ItemsRefusedError as error:
                left = {pk: one for pk, one in left.items() if pk not in error.by_table}
            except RefusedError:
                if len(left) > 1:
                    raise
                return []
            else:
                return list(_items(request, left))
        return []

    def _submit(
        self, role: Principal, wanted: Sequence[Want], lasts: timedelta, purpose: str, key: str
    ) -> AccessRequest:
        if role.pk not in self._askers:
            self._askers[role.pk] = asker_for(role)
        now = clock.now()
        return submit_request(
            acting_user=self._askers[role.pk],
            team=role.account.team,
            principal=role,
            purpose=purpose,
            ends_at=now + lasts,
            items=[one.ask() for one in wanted],
            submission_key=key,
            now=now,
        )

    def agree(self, items: Sequence[Item]) -> list[Grant]:
        """Of a request whose items are looked at together, each is agreed to; what is refused gives no grant."""
        looked_at, found = Readings(), []
        for item in items:
            try:
                found.append(self.agree_to(item, looked_at))
            except RefusedError:
                continue
        return found

    def agree_to(self, item: Item, looked_at: Readings | None = None) -> Grant:
        """As `tools.environment.people.agree`; what became other since it was looked at is looked at anew. RefusedError."""
        decider = self.decider(item)
        if decider is None:
            raise RefusedError("nobody may decide", "items")
        try:
            return agree_as(decider, item, looked_at)
        except EffectsChangedError:
            return agree_as(decider, item)

    def take_back(self, grants: Sequence[Grant], reason: str, lots: random.Random) -> None:
        """Some by a word of their own each, the others by one word of each of those who may decide on them."""
        left = []
        for grant in grants:
            if lots.random() < ALONE:
                self.end([grant], reason)
            else:
                left.append(grant)
        self.end(left, reason)

    def end(self, grants: Sequence[Grant], reason: str) -> None:
        """By one word of each of those who may decide on them; one by itself by the verb that is for one."""
        theirs: dict[Person | None, list[int]] = defaultdict(list)
        for grant in grants:
            theirs[self.decider(grant.item)].append(grant.pk)
        for decider, ids in theirs.items():
            assert decider is not None, "who agreed to it may end it"
            if len(ids) == 1:
                revoke_grant(acting_user=decider, grant_id=ids[0], reason=reason, now=clock.now())
                continue
            for start in range(0, len(ids), MAX_REVOKED):
                some = ids[start : start + MAX_REVOKED]
                revoke_grants(acting_user=decider, grant_ids=some, reason=reason, now=clock.now())

    def decider(self, item: Item) -> Person | None:
        """The first of those whose turn it is."""
        domain, turn = get_item_domain(item), tuple(item.waits_for or item.needed_from)
        team = domain.owner_team_id if domain else None
        of_whom = (team, turn, item.request.team_id, build_requesting_side(item))
        if of_whom not in self._deciders:
            self._deciders[of_whom] = list_deciders(item).order_by("pk").first()
        return self._deciders[of_whom]


def _items(request: AccessRequest, wanted: dict[int, Want]) -> Iterator[Item]:
    """With their tables, in the order of the request."""
    for item in request.items.order_by("pk"):
        item.table = wanted[item.table_id].table
        yield item
