"""When a grant was last used, and how many teams use what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import chain
from operator import or_

from django.db.models import (
    DateTimeField,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.usage.models import LastUse, TrailReading, get_trail_readings
from catalog.usage.recording import TeamUse, store_team_counts
from requests_app.access_requests.item_targets import (
    TARGET_KINDS,
    build_filter,
    list_single_table_conditions,
)
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

USAGE_WINDOW = timedelta(days=90)


def count_uses(now: datetime) -> int:
    """Count anew how many teams use each table and product; returns how many counts differed.

    A grant or request for a whole database counts for each of its tables. Access by LF-Tags names no table and does
    not count.
    """
    asked = RequestItem.objects.filter(request__submitted_at__gt=now - USAGE_WINDOW).exclude(
        state=ItemState.WITHDRAWN
    )
    granted = Grant.objects.filter(state=GrantState.LIVE, ends_at__gt=now)
    by, to = "request__team", "principal__account__team"
    single = list_single_table_conditions()
    rows = [
        asked.filter(build_filter(single)).values_list("table", "product", by).iterator(),
        granted.filter(build_filter(single, "item__")).values_list("table", "item__product", to).iterator(),
    ]
    for kind in TARGET_KINDS:
        if kind.column and kind.tables_path:
            every, others = f"table__{kind.tables_path}", [kind.column]
            named, of_item = (
                asked.exclude(build_filter(others)),
                granted.exclude(build_filter(others, "item__")),
            )
            rows.append(named.values_list(every, "product", by).iterator())
            rows.append(of_item.values_list(every, "item__product", to).iterator())
    return store_team_counts({TeamUse(*row) for row in chain.from_iterable(rows)})


MAX_TRAIL_DELAY = timedelta(hours=1)
"""A trail that was read up to here is read up to now: CloudTrail delivers within minutes, mostly."""


@dataclass(frozen=True)
class GrantLastUse:
    """`used_at` if it was used; else it was not between `since` and `until`; None: nothing is known.

    `is_never`: that is all the time since it was granted, up to `until`; else nothing is known of the time before
    `since`. `has_trail`: the catalog has a trail, and the workers have looked at it.
    """

    used_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    has_trail: bool = False
    is_never: bool = False


UNREAD_LAST_USE = GrantLastUse()


def get_last_uses(grants: Iterable[Grant]) -> dict[int, GrantLastUse]:
    """By grant; all of them are in it. Two queries."""
    rows = Grant.objects.filter(pk__in=[grant.pk for grant in grants]).annotate(last_used=_select_last_use())
    told = list(rows.values_list("pk", "granted_at", "last_used", "table__database__catalog"))
    readings = get_trail_readings({catalog for *_rest, catalog in told})
    return {pk: build_last_use(at, begun, readings.get(catalog)) for pk, begun, at, catalog in told}


def build_last_use(at: datetime | None, granted_at: datetime, reading: TrailReading | None) -> GrantLastUse:
    """Builds the last use of what was there from `granted_at` on, and was last used `at`."""
    if at:
        return GrantLastUse(at, has_trail=True)
    if reading is None:
        return UNREAD_LAST_USE
    if reading.since is None or reading.until is None or reading.until <= granted_at:
        return GrantLastUse(has_trail=True)
    is_whole = reading.since <= granted_at
    return GrantLastUse(
        None, max(granted_at, reading.since), reading.until, has_trail=True, is_never=is_whole
    )


def describe_last_use(used: GrantLastUse, now: datetime) -> str:
    """As a person reads it: a day and time, that it was never used, since when no use was seen, or that nothing is known."""
    if used.used_at:
        return _("used %(at)s") % {"at": _format_time(used.used_at)}
    if not used.has_trail:
        return _("last use not known: CloudTrail is not read")
    if used.since is None or used.until is None:
        return _("last use not known: no CloudTrail data yet")
    words = {"since": _format_time(used.since), "until": _format_time(used.until)}
    if now - used.until > MAX_TRAIL_DELAY:
        late = _("not used between %(since)s and %(until)s; use before and after is not known")
        never = _("not used from the start of the grant until %(until)s; not known after")
        return (never if used.is_never else late) % words
    if used.is_never:
        return _("not used since it was granted")
    return _("not used since %(since)s; earlier use is not known") % words


def filter_unused(grants: QuerySet[Grant], days: int, now: datetime) -> QuerySet[Grant]:
    """Selects grants that were there all these days and not used in them, where the trail tells of all these days.

    What is not known is no lack of use: it is left out.
    """
    begin = now - timedelta(days=days)
    trail = "table__database__catalog__trail__reading"
    told = Q(**{f"{trail}__since__lte": begin, f"{trail}__until__gte": now - MAX_TRAIL_DELAY})
    found = annotate_last_use(grants.filter(told, granted_at__lte=begin))
    return found.filter(Q(last_used=None) | Q(last_used__lt=begin))


def annotate_last_use(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """With `last_used`, None if no use is known."""
    return grants.annotate(last_used=_select_last_use())


def _select_last_use() -> Subquery:
    """The latest use of a grant, not before the second it began in. Of an account as a whole, by any of its roles.

    CloudTrail's `eventTime` is in whole seconds, cut off: a use in a grant's first second is told as of before it.
    """
    begun = Func(Value("second"), OuterRef("granted_at"), function="date_trunc", output_field=DateTimeField())
    uses = LastUse.objects.filter(
        _match_reader(), _match_table(), catalog=OuterRef("table__database__catalog"), at__gte=begun
    )
    latest = uses.order_by().values("catalog").annotate(latest=Max("at")).values("latest")
    return Subquery(latest, output_field=DateTimeField())


def _match_reader() -> Q:
    """Matches any reader of an account as a whole, whose row has its number for an ARN and for an id."""
    return Q(reader=OuterRef("principal__unique_id")) | Q(account=OuterRef("principal__unique_id"))


def _match_table() -> Q:
    """The grant's table, and what each kind of target adds."""
    named = Q(database=OuterRef("table__database__name"), table=OuterRef("table__name"))
    return reduce(or_, filter(None, (kind.build_use_filter() for kind in TARGET_KINDS)), named)


def _format_time(at: datetime) -> str:
    return date_format(localtime(at), _("j M Y, H:i"))
