"""What a person is told about requests of their teams that are not active yet: since when, and who decides."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from requests_app.display_states.vocabulary import DisplayState, State
from requests_app.grants.own_requests import OwnRequest, find_own_requests
from requests_app.review.decision_history import DecisionTime, compute_decision_times, describe_decision_time
from requests_app.review.may import list_deciders
from requests_app.review.sla.queries import get_decision_deadline
from requests_app.review.summary import Review

HOURS_PER_DAY = 24


@dataclass(frozen=True)
class DueTime:
    """When a decision is due, in words. `is_close`: within a day, or overdue."""

    at: datetime
    text: str
    is_close: bool
    is_overdue: bool = False


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
    """`text`: for example "Requested today. Jonas Weber decides. Usually in 2 days."""

    request_id: int
    state: DisplayState
    text: str


def build_request_notes(requests: Mapping[int, OwnRequest], now: datetime) -> dict[int, RequestNote]:
    """By the same keys. Without requests that wait for a review, no query."""
    decisions = _describe_decisions(
        {
            request.item_id
            for request in requests.values()
            if request.display_state.state == State.WAITING_FOR_REVIEW
        }
    )
    return {
        key: RequestNote(
            one.request_id,
            one.display_state,
            " ".join(filter(None, [_describe_day(one.requested_at, now), decisions.get(one.item_id, "")])),
        )
        for key, one in requests.items()
    }


def _describe_decisions(item_ids: Collection[int]) -> dict[int, str]:
    """Who decides on each item, and how long it usually takes. Items of one request that wait for the same people are
    looked up once.
    """
    if not item_ids:
        return {}
    items = list(RequestItem.objects.filter(pk__in=item_ids).select_related(*ITEM_VISIBILITY_FIELDS))
    owners = {domain.owner_team_id for item in items if (domain := get_item_domain(item))}
    times, known = compute_decision_times(owners), dict[tuple[object, ...], str]()
    for item in items:
        domain = get_item_domain(item)
        key = _get_decider_key(item)
        if key not in known:
            known[key] = _describe_decision(
                list_deciders(item), times.get(domain.owner_team_id) if domain else None
            )
    return {item.pk: known[_get_decider_key(item)] for item in items}


def _describe_decision(deciders: Iterable[Person], time: DecisionTime | None) -> str:
    wait = describe_decision_time(time)
    usual = _("Usually in %(wait)s.") % {"wait": wait} if wait else ""
    return " ".join(filter(None, [describe_deciders([person.name for person in deciders]), usual]))


def _get_decider_key(item: RequestItem) -> tuple[object, ...]:
    domain = get_item_domain(item)
    roles = tuple(item.waits_for or item.needed_from)
    return item.request_id, domain.pk if domain else None, roles, item.agreed_hash


def describe_decision(item: RequestItem, now: datetime, review: Review | None = None) -> str:
    """Says of an item that waits for a review who decides, how long it usually takes, and when it is due. No query with its `review`."""
    due = describe_due_time(get_decision_deadline(item), now)
    if review:
        text = _describe_decision(review.deciders, review.expected_wait)
    else:
        text = _describe_decisions([item.pk])[item.pk]
    return " ".join(filter(None, [text, _("It is %(due)s.") % {"due": due.text} if due else ""]))


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
