"""The label of the approve button, and the requester's last change."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.access_requests.may import get_requester_ids
from requests_app.access_requests.models import ItemChange, RequestItem
from requests_app.review.terms import NarrowedTerms, RequestTerms, TermsDifference, list_differences


@dataclass(frozen=True)
class LastChange:
    change: ItemChange
    differences: tuple[TermsDifference, ...]


def get_last_change(item: RequestItem) -> LastChange | None:
    """The requester's last change, if any."""
    mine = [change for change in item.changes.all() if change.created_by_id in get_requester_ids(item)]
    if not mine:
        return None
    lines = list_differences(RequestTerms.from_json(mine[-1].before), RequestTerms.from_json(mine[-1].after))
    return LastChange(mine[-1], tuple(lines))


def build_approval_label(given: RequestItem, less: NarrowedTerms, offered: int, included: int = 0) -> str:
    """For the narrowed item `given`; `offered` is the number of columns that could be left out, `included` that of
    partition keys that come with any column: the approver is told of both, as both become visible.
    """
    keys = ""
    if included:
        keys = ngettext(" and %(n)d partition key", " and %(n)d partition keys", included) % {"n": included}
    rows = _(", fewer rows") if less.row_filter.strip() else ""
    return f"{_describe_extent(given, less, offered)}{keys}{rows} {_describe_end(given, less)}".strip()


def _describe_extent(given: RequestItem, less: NarrowedTerms, offered: int) -> str:
    if given.metadata_only:
        return _("Approve the metadata")
    if given.reaches_many:
        return _("Approve")
    if less.columns is not None:
        words = ngettext("Approve %(n)d of %(all)d column", "Approve %(n)d of %(all)d columns", offered)
        return words % {"n": len(less.columns), "all": offered}
    if given.whole_table:
        return _("Approve the whole table")
    return ngettext("Approve %(n)d column", "Approve all %(n)d columns", offered) % {"n": offered}


def _describe_end(given: RequestItem, less: NarrowedTerms) -> str:
    """With several limits, the earliest end applies, which is that of `given`."""
    said = [one for one in (less.trial_days, less.hours, less.ends_at) if one is not None]
    if not said:
        return ""
    if less.trial_days and len(said) == 1:
        return ngettext("for a trial of %(n)d day", "for a trial of %(n)d days", less.trial_days) % {
            "n": less.trial_days
        }
    if less.hours and len(said) == 1:
        return ngettext("for %(n)d hour", "for %(n)d hours", less.hours) % {"n": less.hours}
    return _("until %(day)s") % {"day": date_format(localtime(given.ends_at), _("j F Y"))}
