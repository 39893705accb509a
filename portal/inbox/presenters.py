"""The inbox made ready for its page: what is sought, as its address says it, and each row with its risk in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.models import Classification
from identity.people.models import Person, initials_of
from portal.pages.row_ids import id_in
from requests_app.display_states.rules import ItemFacts, get_item_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.end_dates import format_end_date
from requests_app.review.inbox.counts import InboxCounts, filter_decidable
from requests_app.review.inbox.queries import (
    WAITING_DAYS,
    InboxItem,
    InboxOrder,
    InboxPage,
    InboxQuery,
    InboxScope,
)
from requests_app.review.inbox.queries import RequestKind as Asked
from requests_app.review.risk import Risk, compute_risk

LONGEST = 80
Choice = TypeVar("Choice", bound=TextChoices)


@dataclass(frozen=True)
class Face:
    """A person as a list shows them."""

    name: str

    @property
    def initials(self) -> str:
        return initials_of(self.name)


@dataclass(frozen=True)
class Row:
    """One item; `may_decide` is about the person who looks. What is said of it is worked out when it is rendered."""

    ask: InboxItem
    may_decide: bool

    @property
    def asker(self) -> Face:
        return Face(self.ask.asker)

    @property
    def state(self) -> DisplayState:
        ask = self.ask
        return get_item_state(ItemFacts(ask.state, ask.is_answered, not ask.has_left, ask.is_agreed))

    @property
    def end(self) -> str:
        """Of the access asked for."""
        return format_end_date(self.ask.ends_at, month="M")

    @property
    def risk(self) -> Risk | None:
        return compute_risk(self.ask.weighed) if self.ask.weighed else None


@dataclass(frozen=True)
class Filter:
    """A field of the filter: its values with their words, and the one that is chosen."""

    name: str
    label: str
    every: str
    chosen: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Head:
    """Above the list: whose inbox, what to narrow it by, how much it is, and in which order."""

    sought: InboxQuery
    tally: InboxCounts

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """Whose inbox: its words, its address, whether it is the one shown. Other filters stay."""
        sought = self.sought
        return [
            (str(one.label), address_of(replace(sought, whose=one, after=None)), one == sought.whose)
            for one in InboxScope
        ]

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        sought = self.sought
        return [
            (str(one.label), address_of(replace(sought, order=one, after=None)), one == sought.order)
            for one in InboxOrder
        ]

    @property
    def filters(self) -> list[Filter]:
        """What can be chosen among what waits."""
        tally, sought = self.tally, self.sought
        ages = [(str(age), ngettext("a day", "%(n)d days", age) % {"n": age}) for age in WAITING_DAYS]
        classes, kinds = _worded(Classification), _worded(Asked)
        return [
            Filter("domain", _("Domain"), _("all domains"), sought.domain, tally.domains),
            Filter("product", _("Product"), _("all products"), sought.product, tally.products),
            Filter("team", _("Requested by"), _("all teams"), sought.team, tally.teams),
            Filter("classification", _("Classification"), _("any"), sought.classification, classes),
            Filter("kind", _("Scope"), _("anything"), sought.kind, kinds),
            Filter("days", _("Waiting for at least"), _("any time"), str(sought.days or ""), tuple(ages)),
        ]


@dataclass(frozen=True)
class Listed:
    """The list, and where it goes on."""

    sought: InboxQuery
    rows: tuple[Row, ...]
    next_url: str

    @property
    def can_choose(self) -> bool:
        return any(row.may_decide for row in self.rows)

    @property
    def is_filtered(self) -> bool:
        shown = self.sought
        return shown != InboxQuery(whose=shown.whose, order=shown.order, after=shown.after)

    @property
    def start_url(self) -> str:
        return address_of(replace(self.sought, after=None))


def sought_of(said: Mapping[str, str]) -> InboxQuery:
    """What an address asks for; what it says wrongly counts for nothing."""
    kinds, classes = dict(Asked.choices), dict(Classification.choices)
    days = said.get("days", "")
    return InboxQuery(
        whose=_one_of(InboxScope, said.get("whose"), InboxScope.MINE),
        domain=said.get("domain", "")[:LONGEST],
        product=said.get("product", "")[:LONGEST],
        classification=said["classification"] if said.get("classification") in classes else "",
        team=said.get("team", "")[:LONGEST],
        kind=said["kind"] if said.get("kind") in kinds else "",
        days=int(days) if days in {str(age) for age in WAITING_DAYS} else None,
        order=_one_of(InboxOrder, said.get("order"), InboxOrder.RISK),
        after=_after(said.get("after", "")),
    )


def address_of(sought: InboxQuery) -> str:
    """The query string that asks for it; nothing for what is usual."""
    values = {
        "whose": sought.whose if sought.whose != InboxScope.MINE else "",
        "domain": sought.domain,
        "product": sought.product,
        "classification": sought.classification,
        "team": sought.team,
        "kind": sought.kind,
        "days": sought.days,
        "order": sought.order if sought.order != InboxOrder.RISK else "",
        "after": "{}-{}".format(*sought.after) if sought.after else "",
    }
    return "?" + urlencode({name: str(value) for name, value in values.items() if value})


def rows_of(asks: Sequence[InboxItem], person: Person, whose: InboxScope) -> tuple[Row, ...]:
    """What waits for the person is theirs to decide, unless its requester has left; of the rest it is asked."""
    ids = [ask.pk for ask in asks if not ask.has_left]
    mine = frozenset(ids) if whose == InboxScope.MINE else filter_decidable(person, ids)
    return tuple(Row(ask, ask.pk in mine) for ask in asks)


def next_url(sought: InboxQuery, found: InboxPage) -> str:
    return address_of(replace(sought, after=found.following)) if found.following else ""


def _worded(choices: type[TextChoices]) -> tuple[tuple[str, str], ...]:
    return tuple((one.value, str(one.label)) for one in choices)


def _one_of(choices: type[Choice], said: str | None, usual: Choice) -> Choice:
    return next((one for one in choices if one.value == said), usual)


def _after(said: str) -> tuple[int, int] | None:
    left, _dash, right = said.partition("-")
    risk, pk = id_in(left), id_in(right)
    return (risk, pk) if risk is not None and pk is not None else None
