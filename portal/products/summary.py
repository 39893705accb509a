"""The facts at the head of a product's page: each with its promise or its source."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.freshness.queries import ProductFreshness
from catalog.products.models import DataProduct
from catalog.usage.queries import LastRead
from portal.freshness.presenters import MARKS, describe_age, describe_promise, describe_source
from portal.products.changes import ChangeEntry
from portal.products.details import describe_percent
from portal.quality.presenters import QualityView, describe_kept
from requests_app.display_states.vocabulary import CheckMark
from requests_app.grants.product_use import count_active_teams


@dataclass(frozen=True)
class Fact:
    """`note` says the promise or the source. `mark` stands before it with `word`, or with the note itself if that is empty. `anchor`
    is the section with more of it.
    """

    label: str
    value: str
    note: str = ""
    mark: CheckMark | None = None
    anchor: str = ""
    word: str = ""


def build_freshness_fact(freshness: ProductFreshness, now: datetime) -> Fact:
    """The age of the oldest table, with its promise and its source."""
    promised = describe_promise(freshness.promised_hours)
    note = _("promised: %(promise)s") % {"promise": promised} if promised else _("nothing promised")
    oldest = freshness.oldest
    if oldest is None or oldest.found is None:
        return Fact(_("Freshness"), _("Not known"), note, CheckMark.NOT_KNOWN)
    mark = MARKS.get(freshness.state)
    return Fact(
        _("Freshness"),
        describe_age(oldest.found.at, now),
        f"{note}, {describe_source(oldest.found.source)}",
        mark,
        "freshness",
        str(freshness.state.label) if mark else "",
    )


def build_quality_fact(product: DataProduct, quality: QualityView) -> Fact:
    """The score against its promise, or what was promised before anything is measured."""
    if quality.score is not None:
        note = quality.promise_word if quality.promised else quality.counted
        note = _("%(note)s, by %(source)s") % {"note": note, "source": quality.sources}
        return Fact(
            _("Quality"), quality.percent, note, quality.mark, "quality", describe_kept(quality.keeps)
        )
    if quality.promised:
        return Fact(_("Quality"), _("Not measured"), quality.promise_word)
    promised = describe_percent(product.completeness_percent)
    note = (
        _("promised: %(promise)s of the expected rows") % {"promise": promised}
        if promised
        else _("nothing promised")
    )
    return Fact(_("Quality"), _("Not measured"), note)


def build_use_fact(product: DataProduct) -> Fact:
    """One query."""
    teams = count_active_teams([product.pk]).get(product.pk, 0)
    value = ngettext("%(n)d team", "%(n)d teams", teams) % {"n": teams}
    return Fact(_("Used by"), value, _("by active access"))


def build_last_read_fact(read: LastRead) -> Fact:
    if read.at is not None:
        return Fact(_("Last read"), _describe_day(read.at), _("by CloudTrail"))
    if read.since is None:
        return Fact(_("Last read"), _("Not known"), _("no log files are read"), CheckMark.NOT_KNOWN)
    return Fact(
        _("Last read"), _("Never"), _("since %(day)s, by CloudTrail") % {"day": _describe_day(read.since)}
    )


def build_change_fact(newest: ChangeEntry | None) -> Fact | None:
    """By the newest version."""
    if newest is None:
        return None
    effect = _("May break queries") if newest.is_breaking else _("no breaking changes")
    mark = CheckMark.ATTENTION if newest.is_breaking else None
    return Fact(_("Newest version"), _describe_day(newest.at), f"{newest.version}, {effect}", mark, "changes")


def _describe_day(moment: datetime) -> str:
    return date_format(localtime(moment), _("j M Y"))
