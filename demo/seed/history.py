"""Ninety days of requests, decisions and ends, each through its verb, with the time at which it happened.

May run again: a request is known by its submission key, and what was decided is not decided anew.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audit.clock import now as database_now
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct
from demo.seed.history_rows import HISTORY, Ask
from demo.seed.people import person
from identity.accounts.models import Principal
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import ItemState
from requests_app.grants.actions import expire_grant, revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.approval_hash import compute_item_approval_hash
from requests_app.review.may import list_deciders
from requests_app.submission.actions import submit_request, withdraw_item
from requests_app.targets.requested_item import RequestedItem

SEED = 20_260_101
Verb = Callable[[datetime], object]


@dataclass
class _Story:
    """One ask on its way: when each thing happens, and the item once it exists."""

    key: str
    ask: Ask
    asked_at: datetime
    decided_at: datetime
    ended_at: datetime
    ends_at: datetime
    picks: random.Random
    item: Item | None = field(default=None)

    def events(self) -> list[tuple[datetime, Verb]]:
        """The verbs of this story in order. Chance is used up when it is told, not when it is run."""
        decide: dict[str, Verb] = {"rejected": self._reject, "withdrawn": self._withdraw}
        events: list[tuple[datetime, Verb]] = [(self.asked_at, self._submit)]
        if self.ask.end != "waiting":
            events.append((self.decided_at, decide.get(self.ask.end, self._approve)))
        if self.ask.end in {"revoked", "expired"}:
            events.append((self.ended_at, self._revoke if self.ask.end == "revoked" else self._expire))
        return events

    def _submit(self, now: datetime) -> None:
        who = person(self.ask.who)
        known = Item.objects.filter(request__requester=who, request__submission_key=self.key).first()
        self.item = known or self._first_submit(who, now)

    def _first_submit(self, who: Person, now: datetime) -> Item:
        roles = Principal.objects.select_related("account__team").filter(account__team__members=who)
        principal = roles.distinct().get(name=self.ask.role, gone_at=None)
        table = _table(self.ask.table)
        product = DataProduct.objects.filter(slug=self.ask.product).first()
        request = submit_request(
            acting_user=who,
            team=principal.account.team,
            principal=principal,
            purpose=self.ask.purpose,
            ends_at=self.ends_at,
            items=[RequestedItem(table.pk, self._columns(table), False, product.pk if product else None)],
            submission_key=self.key,
            now=now,
        )
        return request.items.get()

    def _columns(self, table: Table) -> tuple[str, ...]:
        rows = Column.objects.filter(table=table).exclude(classification="sensitive")
        plain = [column.name for column in rows.order_by("position")]
        chosen = set(self.picks.sample(plain, min(self.ask.columns or len(plain), len(plain))))
        return tuple(name for name in plain if name in chosen)

    def _waiting(self) -> Item | None:
        """The item, if nobody has decided on it yet."""
        assert self.item is not None
        item = Item.objects.get(pk=self.item.pk)
        return item if item.state == ItemState.SUBMITTED else None

    def _live(self) -> Grant | None:
        return Grant.objects.filter(item=self.item, state=GrantState.LIVE).first()

    def _approve(self, now: datetime) -> None:
        if item := self._waiting():
            approve_item(
                acting_user=_decider(item),
                item_id=item.pk,
                effects_hash=compute_item_approval_hash(item),
                comment=self.ask.said if self.ask.end == "live" else "",
                now=now,
            )

    def _reject(self, now: datetime) -> None:
        if item := self._waiting():
            reject_item(acting_user=_decider(item), item_id=item.pk, comment=self.ask.said, now=now)

    def _withdraw(self, now: datetime) -> None:
        if item := self._waiting():
            withdraw_item(acting_user=item.requester, item_id=item.pk, now=now)

    def _revoke(self, now: datetime) -> None:
        if grant := self._live():
            revoke_grant(acting_user=_decider(grant.item), grant_id=grant.pk, reason=self.ask.said, now=now)

    def _expire(self, now: datetime) -> None:
        if grant := self._live():
            expire_grant(grant_id=grant.pk, now=max(now, grant.ends_at))


def seed_history() -> int:
    """Tell the ninety days before now, event by event in the order of time; returns how many requests."""
    now, picks, told = database_now(), random.Random(SEED), _told()
    stories = [_story(number, ask, now, picks) for number, ask in enumerate(HISTORY, start=1)]
    events = [event for story in stories if story.key not in told for event in story.events()]
    for at, verb in sorted(events, key=lambda event: event[0]):
        verb(at)
    return len(stories)


def _told() -> frozenset[str]:
    """Keys of the stories that came to their end, or that a person has taken further since."""
    ends = {_key(number): ask.end for number, ask in enumerate(HISTORY, start=1)}
    found = Item.objects.filter(request__submission_key__in=ends)
    rows = found.values_list("request__submission_key", "state", "grant__state")
    return frozenset(
        key
        for key, item, grant in rows
        if (item != ItemState.SUBMITTED or ends[key] == "waiting")
        and not (grant == GrantState.LIVE and ends[key] in {"revoked", "expired"})
    )


def _key(number: int) -> str:
    return f"history-{number:02}"


def _story(number: int, ask: Ask, now: datetime, picks: random.Random) -> _Story:
    asked = min(_office_hour(now - timedelta(days=ask.days_ago), picks), now - timedelta(hours=6))
    decided = _later(asked, picks.choice((1, 1, 2, 3)), now, picks)
    ends = (now if ask.end in {"live", "waiting"} else asked) + timedelta(days=ask.days)
    ends = ends.replace(hour=23, minute=59, second=0, microsecond=0)
    held = (min(now, ends) - decided).days
    revoked = _later(decided, int(held * picks.uniform(0.3, 0.8)), now, picks)
    return _Story(
        key=_key(number),
        ask=ask,
        asked_at=asked,
        decided_at=decided,
        ended_at=revoked if ask.end == "revoked" else ends + timedelta(seconds=2),
        ends_at=ends,
        picks=random.Random(SEED + number),
    )


def _later(moment: datetime, days: int, now: datetime, picks: random.Random) -> datetime:
    """Office hours some days later, yet after `moment` and before now."""
    at = max(_office_hour(moment + timedelta(days=days), picks), moment + timedelta(hours=1))
    return min(at, now - timedelta(minutes=30))


def _office_hour(day: datetime, picks: random.Random) -> datetime:
    """Some minute of office hours on that day, or on the Friday before a weekend."""
    back = max(0, day.weekday() - 4)
    hour, minute = picks.randint(8, 16), picks.randint(0, 59)
    return (day - timedelta(days=back)).replace(hour=hour, minute=minute)


def _decider(item: Item) -> Person:
    """The data owner of the product when they may decide, else the first who may."""
    may = list(list_deciders(item))
    owner = item.product.owner if item.product else None
    return owner if owner in may and owner else may[0]


def _table(path: str) -> Table:
    database, name = path.split(".")
    return Table.objects.get(name=name, database__name=database, tombstoned_at=None)
