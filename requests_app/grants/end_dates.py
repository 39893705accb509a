"""When a grant ends, in words, and whether it has ended."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONArray, JSONObject, Least
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.product_lifecycle.models import Retirement, RetirementState
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

END_TOLERANCE = timedelta(minutes=1)
"""Access is given to the minute: what ends within it ends at the same time."""


def has_ended(grant: Grant, now: datetime) -> bool:
    """By state or by time: expiry waits for nobody's row."""
    return grant.state != GrantState.LIVE or grant.ends_at <= now


_DUE_AT = "access_review_items__access_review__due_at"
_REVIEW_DUE_AT = Subquery(
    Grant.objects.filter(
        pk=OuterRef("pk"), access_review_items__state="open", access_review_items__access_review__state="open"
    )
    .order_by(_DUE_AT)
    .values(_DUE_AT)[:1]
)
_RETIRES_AT = Subquery(
    Retirement.objects.filter(
        Q(deprecation__product=OuterRef("item__product"))
        | Q(planned__contains=JSONArray(JSONObject(grant=OuterRef("pk")))),
        state=RetirementState.SCHEDULED,
    )
    .order_by("due_at")
    .values("due_at")[:1]
)
EARLIER_ENDS: dict[str, Any] = {"review_due_at": _REVIEW_DUE_AT, "retires_at": _RETIRES_AT}
"""Annotations of grants with what may end them before `ends_at`: the first open access review that lists them, and the
scheduled retirement of their data product. `get_nearest_end` then needs no query.
"""
NEAREST_END = Least(*(Coalesce(name, "ends_at") for name in EARLIER_ENDS))
"""Of grants with these annotations, when they end: `get_nearest_end` in SQL."""


class EndKind(StrEnum):
    """What ends access. The values are the API's `kind`."""

    EXPIRY = "expiry"
    ACCESS_REVIEW = "access_review"
    RETIREMENT = "retirement"


_NOTES = {
    EndKind.ACCESS_REVIEW: gettext_lazy("unless a data owner keeps it"),
    EndKind.RETIREMENT: gettext_lazy("when the data product is retired"),
}


@dataclass(frozen=True)
class NearestEnd:
    """The end that comes first, of the grant's own, that of its first open access review and its product's retirement."""

    at: datetime
    kind: EndKind = EndKind.EXPIRY

    @property
    def note(self) -> str:
        """For behind the day; empty for the grant's own end."""
        return str(_NOTES.get(self.kind, ""))


def load_earlier_ends(grants: Iterable[Grant]) -> None:
    """Sets `EARLIER_ENDS` on grants that were read without. One query, none where no live grant lacks them."""
    lacking: dict[int, list[Grant]] = defaultdict(list)
    for grant in grants:
        if grant.state == GrantState.LIVE and not grant.__dict__.keys() >= EARLIER_ENDS.keys():
            lacking[grant.pk].append(grant)
    rows: Any = Grant.objects.filter(pk__in=lacking).values("pk", **EARLIER_ENDS) if lacking else ()
    for row in rows:
        for grant in lacking[row["pk"]]:
            grant.__dict__.update({name: row[name] for name in EARLIER_ENDS})


def get_nearest_end(grant: Grant) -> NearestEnd:
    """One query for a live grant without `EARLIER_ENDS`, else none."""
    if grant.state != GrantState.LIVE:
        return NearestEnd(grant.ends_at)
    load_earlier_ends([grant])
    ends_by_name = grant.__dict__
    ends = (
        NearestEnd(grant.ends_at),
        NearestEnd(ends_by_name["retires_at"] or grant.ends_at, EndKind.RETIREMENT),
        NearestEnd(ends_by_name["review_due_at"] or grant.ends_at, EndKind.ACCESS_REVIEW),
    )
    return min(ends, key=attrgetter("at"))


def format_nearest_end(grant: Grant, *, short: bool = False) -> str:
    """`31 March 2027`, or `20 December 2026, unless a data owner keeps it`."""
    end = get_nearest_end(grant)
    day = format_end_date(end.at, short=short)
    if end.kind == EndKind.ACCESS_REVIEW:
        return _("%(day)s, unless a data owner keeps it") % {"day": day}
    if end.kind == EndKind.RETIREMENT:
        return _("%(day)s, when the data product is retired") % {"day": day}
    return day


END_OF_DAY = time(23, 59)
"""To the minute: most access is given until the end of a day, which then says all."""


def format_end_date(ends_at: datetime, *, short: bool = False) -> str:
    """`31 March 2027`; of access that ends within a day, as one for hours does, `31 March 2027, 14:30`.

    Short: `31 Mar 2027`.
    """
    local = timezone.localtime(ends_at)
    whole_day = local.time().replace(second=0, microsecond=0) == END_OF_DAY
    if whole_day:
        return date_format(local, _("j M Y") if short else _("j F Y"))
    return date_format(local, _("j M Y, H:i") if short else _("j F Y, H:i"))
