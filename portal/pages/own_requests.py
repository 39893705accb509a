"""What a person is told about requests of their teams that are not active yet: since when, and who decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.people.models import Person
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import ITEM_VISIBILITY_FIELDS
from requests_app.access_requests.states import ItemState
from requests_app.display_states.vocabulary import DisplayState, State
from requests_app.grants.own_requests import OwnRequest, find_own_requests
from requests_app.review.decision_history import (
    compute_decision_times,
    describe_decision_time,
    get_decision_time,
)
from requests_app.review.may import list_deciders
from requests_app.review.sla.queries import compute_deadline, get_decision_deadline
from requests_app.review.summary import Review

HOURS_PER_DAY = 24


@dataclass(frozen=True)
class DueTime:
    """When a decision is due, in words. `is_close`: within a day, or overdue."""

    at: datetime
    text: str
    is_close: bool
    is_overdue: bool = False

    @property
    def sentence(self) -> str:
        return _("It is %(due)s.") % {"due": self.text}


def describe_due_time(due_at: datetime | None, now: datetime) -> DueTime | None:
    """In hours within a day, else the day. None where none is promised."""
    if due_at is None:
        return None
    left = due_at - now
    if left < timedelta(0):
        return DueTime(due_at, _describe_delay(-left), is_close=True, is_overdue=True)
    hours = left // timedelta(hours=1)
    if hours >= HOURS_PER_DAY:
        return DueTime(
            due_at, _("due %(day)s") % {"day": date_format(localtime(due_at), _("j M"))}, is_close=False
        )
    soon = ngettext("due in %(n)d hour", "due in %(n)d hours", hours) % {"n": hours}
    return DueTime(due_at, soon if hours else _("due within the hour"), is_close=True)


def _describe_delay(delay: timedelta) -> str:
    hours = delay // timedelta(hours=1)
    if hours >= 2 * HOURS_PER_DAY:
        return _("overdue by %(n)d days") % {"n": hours // HOURS_PER_DAY}
    if not hours:
        return _("overdue by minutes")
    return ngettext("overdue by %(n)d hour", "overdue by %(n)d hours", hours) % {"n": hours}


MAX_NAMED = 3


@dataclass(frozen=True)
class RequestNote:
    """`text`: for example "Requested today. Jonas Weber decides. Usually in 2 days. It is due 3 Dec."""

    request_id: int
    state: DisplayState
    text: str


def build_request_notes(requests: Mapping[int, OwnRequest], now: datetime) -> dict[int, RequestNote]:
    """By the same keys. Without requests that wait for a review, no query. Items of one request that wait for the same people are looked
    up once.
    """
    waiting = {
        request.item_id
        for request in requests.values()
        if request.display_state.state == State.WAITING_FOR_REVIEW
    }
    related = RequestItem.objects.select_related(
        *ITEM_VISIBILITY_FIELDS, "request__requester", "request__taken_over_by"
    )
    items = list(related.filter(pk__in=waiting)) if waiting else []
    owners = {domain.owner_team_id for item in items if (domain := get_item_domain(item))}
    times, texts_by_decider, texts = (
        compute_decision_times(owners),
        dict[tuple[object, ...], str](),
        dict[int, str](),
    )
    for item in items:
        domain = get_item_domain(item)
        roles = tuple(item.waits_for or item.needed_from)
        key = (item.request_id, domain.pk if domain else None, roles, item.agreed_hash)
        if key not in texts_by_decider:
            time = times.get(domain.owner_team_id) if domain else None
            names = tuple(person.name for person in list_deciders(item))
            texts_by_decider[key] = NextDecision(names, describe_decision_time(time)).text
        due = describe_due_time(get_decision_deadline(item), now)
        texts[item.pk] = " ".join(filter(None, [texts_by_decider[key], due.sentence if due else ""]))
    return {
        key: RequestNote(
            request.request_id,
            request.display_state,
            " ".join(
                filter(None, [_describe_day(request.requested_at, now), texts.get(request.item_id, "")])
            ),
        )
        for key, request in requests.items()
    }


def _describe_day(at: datetime, now: datetime) -> str:
    days = (localdate(now) - localdate(at)).days
    if days == 0:
        return _("Requested today.")
    if days == 1:
        return _("Requested yesterday.")
    return _("Requested on %(day)s.") % {"day": date_format(localtime(at), _("j F"))}


def find_request_notes(person: Person, tables: Collection[int], now: datetime) -> dict[int, RequestNote]:
    """By table, the newest request of the person or their teams that is not active yet."""
    return build_request_notes(find_own_requests(person, tables), now)


@dataclass(frozen=True)
class NextDecision:
    """Who decides next, since when it waits for them, how long that usually takes, and when it is due. What is not known is empty or
    None.
    """

    names: tuple[str, ...]
    usual_time: str
    since: datetime | None = None
    due: DueTime | None = None

    @property
    def deciders(self) -> str:
        return describe_deciders(self.names)

    @property
    def text(self) -> str:
        """Who decides, and how long that usually takes."""
        usual = _("Usually in %(wait)s.") % {"wait": self.usual_time} if self.usual_time else ""
        return " ".join(filter(None, [self.deciders, usual]))


def build_next_decision(item: RequestItem, now: datetime, review: Review | None = None) -> NextDecision:
    """Of an item that waits for a review, or of one that is not saved yet, as if it was sent now. No query with its `review`."""
    domain = get_item_domain(item)
    if review:
        deciders, time = tuple(review.deciders), review.expected_wait
    else:
        deciders = tuple(list_deciders(item))
        time = get_decision_time(domain.owner_team_id if domain else None)
    if item.pk:
        due = describe_due_time(get_decision_deadline(item), now)
    else:
        due = describe_promised_time(domain.decide_within_hours if domain else None, now)
    names = tuple(person.name for person in deciders)
    return NextDecision(names, describe_decision_time(time), item.state_changed_at, due)


def describe_promised_time(domain_hours: int | None, now: datetime) -> DueTime | None:
    """When a request that is sent now is due. `domain_hours` are those that its domain promises; None for the portal's."""
    due_at = compute_deadline(ItemState.SUBMITTED, now, domain_hours)
    if due_at is None:
        return None
    hours = (due_at - now) // timedelta(hours=1)
    text = ngettext("due within %(n)d hour", "due within %(n)d hours", hours) % {"n": hours}
    return DueTime(due_at, text, is_close=hours < HOURS_PER_DAY)


def describe_deciders(names: Sequence[str]) -> str:
    """One sentence; empty if nobody is known."""
    if not names:
        return ""
    if len(names) == 1:
        return _("%(name)s decides.") % {"name": names[0]}
    if len(names) <= MAX_NAMED:
        return _("%(names)s or %(last)s decides.") % {"names": ", ".join(names[:-1]), "last": names[-1]}
    named = {"names": ", ".join(names[: MAX_NAMED - 1]), "n": len(names) - MAX_NAMED + 1}
    return _("%(names)s or one of %(n)s others decides.") % named
