"""Who can read a table or a product, and its columns by classification."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.select_holders import Holders
from fulfilment.observations.reading_age import is_too_old
from requests_app.display_states.vocabulary import Mark


def shares(counts: dict[str, int]) -> list[tuple[str, int, float, float]]:
    """(classification, columns, offset, width) in percent, for the small bar above the list."""
    total, at, parts = sum(counts.values()) or 1, 0.0, []
    for name, count in counts.items():
        width = 100 * count / total
        parts.append((name, count, round(at, 2), round(max(width - 0.6, 0.4), 2)))
        at += width
    return parts


@dataclass(frozen=True)
class ReadersShown:
    """`mark` is empty where the number says all. `read_at`: when it was so, where that is too long ago to be so now."""

    mark: Mark | None
    words: str
    besides: str = ""
    read_at: datetime | None = None


def readers_shown(holders: Holders, account: str, now: datetime) -> ReadersShown:
    """`account` is the owner's name."""
    roles = ngettext("%(n)d role", "%(n)d roles", holders.principals) % {"n": holders.principals}
    if holders.read_at is None:
        return ReadersShown(Mark.NOT_KNOWN, _("Not known yet"))
    if is_too_old(holders.read_at, now):
        return ReadersShown(Mark.NOT_KNOWN, _("Not known"), roles, holders.read_at)
    if holders.open_to_iam:
        every = _("Every role of %(account)s that IAM allows") % {"account": account}
        return ReadersShown(Mark.ATTENTION, every, _("and %(roles)s by permission") % {"roles": roles})
    return ReadersShown(None, roles)


def has_it(holders: Holders, now: datetime) -> Mark:
    """Of who has access by what was read last."""
    return Mark.NOT_KNOWN if is_too_old(holders.read_at, now) else Mark.YES
