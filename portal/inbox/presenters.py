"""The inbox page: query string, filters and rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.models import Classification
from identity.people.models import Person, get_initials
from portal.pages.inbox_query import build_list_query, build_query_url
from portal.pages.own_requests import DueTime, describe_due_time
from requests_app.access_requests.item_targets import list_inbox_filters
from requests_app.display_states.rules import ItemFacts, get_item_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.end_dates import format_end_date
from requests_app.notifications.queries import list_unread_items
from requests_app.page_counts import get_page_counts
from requests_app.review.inbox.counts import InboxCounts, filter_decidable
from requests_app.review.inbox.queries import (
    ACCESS,
    WAITING_DAYS,
    InboxItem,
    InboxOrder,
    InboxPage,
    InboxQuery,
    InboxScope,
)
from requests_app.review.risk import Risk, compute_risk

SELECTED_PARAMETER = "selected"
"""Query parameter of the inbox: the key of the row in the preview."""


@dataclass(frozen=True)
class PersonSummary:
    """What a link to a person shows."""

    pk: int
    name: str

    @property
    def initials(self) -> str:
        return get_initials(self.name)


@dataclass(frozen=True)
class InboxRow:
    """One item. `may_decide` and `is_unread` concern the viewer. Properties are computed on rendering."""

    item: InboxItem
    may_decide: bool
    is_unread: bool = False
    due: DueTime | None = None

    @property
    def key(self) -> str:
        """Names it in the address of the inbox."""
        return f"item-{self.item.pk}"

    @property
    def classification(self) -> str:
        """The highest of the columns; empty where no data would be seen."""
        return (self.item.risk_facts.classification or "") if self.item.risk_facts else ""

    @property
    def classification_label(self) -> str:
        return str(Classification(self.classification).label) if self.classification else ""

    @property
    def assignee(self) -> PersonSummary | None:
        return PersonSummary(self.item.assignee_id, self.item.assignee) if self.item.assignee_id else None

    @property
    def requester(self) -> PersonSummary:
        return PersonSummary(self.item.requester_id, self.item.requester)

    @property
    def state(self) -> DisplayState:
        ask = self.item
        return get_item_state(
            ItemFacts(ask.state, ask.has_owner, not ask.has_requester_left, ask.is_partly_approved)
        )

    @property
    def end_date(self) -> str:
        """End date of the requested access."""
        return format_end_date(self.item.ends_at, short=True)

    @property
    def risk(self) -> Risk | None:
        return compute_risk(self.item.risk_facts) if self.item.risk_facts else None


@dataclass(frozen=True)
class FilterField:
    """A filter with its options and the selected one."""

    name: str
    label: str
    empty_label: str
    selected: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class InboxHeader:
    """Scope links, filters, counts and orders above the list. `kinds` are name and label of what else waits."""

    query: InboxQuery
    counts: InboxCounts
    kinds: tuple[tuple[str, str], ...] = ()

    @property
    def scope_links(self) -> list[tuple[str, str, bool]]:
        """Label, URL and whether it is current, for each scope. Other filters are kept."""
        sought = self.query
        return [
            (str(one.label), build_query_url(replace(sought, scope=one, after=None)), one == sought.scope)
            for one in InboxScope
        ]

    @property
    def order_options(self) -> list[tuple[str, str]]:
        return [(one.value, str(one.label)) for one in InboxOrder]

    @property
    def filter_count(self) -> int:
        """How many filters are set."""
        return sum(bool(field.selected) for field in self.filters)

    @property
    def filters(self) -> list[FilterField]:
        """Filters with the values present in the inbox."""
        tally, sought = self.counts, self.query
        ages = [(str(age), ngettext("a day", "%(n)d days", age) % {"n": age}) for age in WAITING_DAYS]
        classes = _list_choices(Classification)
        scopes = tuple((word, str(one.label)) for word, one in list_inbox_filters().items())
        kinds = ((ACCESS, _("access request")), *self.kinds)
        return [
            FilterField("what", _("What is decided"), _("everything"), sought.what, kinds),
            FilterField("assigned", _("Assigned"), _("to anybody"), sought.assigned, (("me", _("to me")),)),
            FilterField("domain", _("Domain"), _("all domains"), sought.domain, tally.domains),
            FilterField("product", _("Product"), _("all products"), sought.product, tally.products),
            FilterField("team", _("Requested by"), _("all teams"), sought.team, tally.teams),
            FilterField("classification", _("Classification"), _("any"), sought.classification, classes),
            FilterField("kind", _("Scope"), _("anything"), sought.kind, scopes),
            FilterField(
                "days",
                _("Waiting for at least"),
                _("any time"),
                str(sought.min_waiting_days or ""),
                tuple(ages),
            ),
        ]


@dataclass(frozen=True)
class InboxList:
    """`rows` are the items, the `sections` all that is listed; with the URL of the next page."""

    query: InboxQuery
    rows: tuple[InboxRow, ...]
    next_url: str
    sections: tuple[Any, ...] = ()

    @property
    def has_selectable_rows(self) -> bool:
        return any(row.may_decide for row in self.rows)

    @property
    def is_filtered(self) -> bool:
        shown = self.query
        return shown != InboxQuery(scope=shown.scope, order=shown.order, after=shown.after)

    @property
    def list_query(self) -> str:
        """Query string that a review keeps."""
        return build_list_query(self.query)

    @property
    def page_query(self) -> str:
        """Query string of this page."""
        return build_query_url(self.query)

    @property
    def select_query(self) -> str:
        """Query string of this page with a row in the preview: its key follows."""
        return f"{self.page_query}{'' if self.page_query == '?' else '&'}{SELECTED_PARAMETER}="

    @property
    def start_url(self) -> str:
        return build_query_url(replace(self.query, after=None))


def build_inbox_rows(asks: Sequence[InboxItem], person: Person, whose: InboxScope) -> tuple[InboxRow, ...]:
    """In the own inbox every item is decidable, unless its requester is inactive; otherwise it is checked."""
    ids = [ask.pk for ask in asks if not ask.has_requester_left]
    mine = frozenset(ids) if whose == InboxScope.MINE else filter_decidable(person, ids)
    unread, now = (
        list_unread_items(person, {ask.pk: ask.request_id for ask in asks}),
        get_page_counts(person).rounded_now,
    )
    return tuple(
        InboxRow(ask, ask.pk in mine, ask.pk in unread, describe_due_time(ask.due_at, now)) for ask in asks
    )


def build_next_url(sought: InboxQuery, found: InboxPage) -> str:
    return build_query_url(replace(sought, after=found.next_after)) if found.next_after else ""


def _list_choices(choices: type[TextChoices]) -> tuple[tuple[str, str], ...]:
    return tuple((choice.value, str(choice.label)) for choice in choices)
