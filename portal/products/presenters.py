"""Readers of a table or product, and shares of column classifications."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.select_holders import HolderCounts
from fulfilment.observations.reading_age import is_reading_too_old
from requests_app.display_states.vocabulary import CheckMark


def build_classification_shares(counts: dict[str, int]) -> list[tuple[str, int, float, float]]:
    """(classification, columns, offset, width) in percent, for the small bar above the list."""
    total, at, parts = sum(counts.values()) or 1, 0.0, []
    for name, count in counts.items():
        width = 100 * count / total
        parts.append((name, count, round(at, 2), round(max(width - 0.6, 0.4), 2)))
        at += width
    return parts


@dataclass(frozen=True)
class ReadersSummary:
    """`mark` is None if the number is enough. `read_at` is set if the reading is too old."""

    mark: CheckMark | None
    text: str
    additional_text: str = ""
    read_at: datetime | None = None


def build_readers_summary(holders: HolderCounts, account: str, now: datetime) -> ReadersSummary:
    """`account` is the owner's name."""
    roles = ngettext("%(n)d role", "%(n)d roles", holders.principals) % {"n": holders.principals}
    if holders.read_at is None:
        return ReadersSummary(CheckMark.NOT_KNOWN, _("Not known yet"))
    if is_reading_too_old(holders.read_at, now):
        return ReadersSummary(CheckMark.NOT_KNOWN, _("Not known"), roles, holders.read_at)
    if holders.open_to_iam:
        every = _("Every role of %(account)s that IAM allows") % {"account": account}
        return ReadersSummary(CheckMark.ATTENTION, every, _("and %(roles)s by permission") % {"roles": roles})
    return ReadersSummary(None, roles)


def get_access_mark(holders: HolderCounts, now: datetime) -> CheckMark:
    """The mark of the access shown, by the age of the last reading."""
    return CheckMark.NOT_KNOWN if is_reading_too_old(holders.read_at, now) else CheckMark.YES


def build_readers_context(holders: HolderCounts, account: str, now: datetime) -> dict[str, object]:
    return {
        "readers": build_readers_summary(holders, account, now),
        "access_mark": get_access_mark(holders, now),
    }
