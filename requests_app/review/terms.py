"""What an item requests, as a value: stored when it changes, compared in words, narrowed by the approver."""

import copy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.models import Event
from identity.people.models import Person
from kernel.errors import RefusedError
from lakeformation.effects.table_effects import Effects
from lakeformation.values.canonical_json import digest
from requests_app.access_requests.item_targets import (
    EXTENT_FIELDS,
    get_extent,
    get_extent_fields,
    get_target_kind,
)
from requests_app.access_requests.models import ItemChange, RequestItem
from requests_app.targets.checks import check_columns, check_row_filter, compute_effects
from requests_app.targets.single_tables import TableColumns

TERM_FIELDS = (*EXTENT_FIELDS, "ends_at")
"""Of an item, what a change or a lesser yes may touch."""
MAX_HOURS = 24 * 3650


@dataclass(frozen=True)
class RequestTerms:
    """`columns` is empty for the whole table and for metadata only; `row_filter` is canonical, empty for all rows."""

    columns: tuple[str, ...]
    whole_table: bool
    row_filter: str
    metadata_only: bool
    ends_at: datetime

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": list(self.columns), "ends_at": self.ends_at.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "RequestTerms":
        ends_at = datetime.fromisoformat(value["ends_at"])
        return cls(**{**value, "columns": tuple(value["columns"]), "ends_at": ends_at})


@dataclass(frozen=True)
class NarrowedTerms:
    """What an approval gives less than was requested: only these columns, only rows that pass this filter
    too, an earlier end; `trial_days` or `hours` from now on. None and an empty filter change nothing.
    """

    columns: tuple[str, ...] | None = None
    row_filter: str = ""
    ends_at: datetime | None = None
    trial_days: int | None = None
    hours: int | None = None

    def compute_hash(self) -> str:
        """64 hexadecimal digits; the order of columns does not count."""
        columns = None if self.columns is None else sorted(self.columns)
        ends_at = self.ends_at.isoformat() if self.ends_at else None
        return digest({**asdict(self), "columns": columns, "ends_at": ends_at})


NOT_NARROWED = NarrowedTerms()


@dataclass(frozen=True)
class TermsDifference:
    """One line: `kind` is add or remove, as seen by the requester."""

    kind: str
    text: str


def get_terms(item: RequestItem) -> RequestTerms:
    return RequestTerms(**get_extent(item), ends_at=item.ends_at)


def get_original_terms(item: RequestItem) -> RequestTerms:
    """The original request."""
    first = next(iter(item.changes.all()), None)
    return RequestTerms.from_json(first.before) if first else get_terms(item)


def compute_terms_hash(item: RequestItem) -> str:
    """Digests all that the item requests, to recognize what a page showed. 64 hexadecimal digits."""
    return digest(get_terms(item).to_json())


def check_same_terms(item: RequestItem, terms_hash: str) -> None:
    """RefusedError if it requests something else than the given `terms_hash` says."""
    if terms_hash and terms_hash != compute_terms_hash(item):
        raise RefusedError(
            _("This request was changed after you opened it. Review the current version, then decide."),
            "shown",
        )


def copy_with_terms(item: RequestItem, terms: RequestTerms) -> RequestItem:
    """A copy of the item that requests `terms`; nothing is saved, rows that were read are shared."""
    changed = copy.copy(item)
    for name in TERM_FIELDS:
        value = getattr(terms, name)
        setattr(changed, name, list(value) if name == "columns" else value)
    return changed


def save_change(
    item: RequestItem, before: RequestTerms, person: Person, event: Event, comment: str = ""
) -> ItemChange:
    """Save what the item requests now, and keep what it requested before."""
    item.save(update_fields=TERM_FIELDS)
    return ItemChange.objects.create(
        item=item,
        created_by=person,
        created_at=event.at,
        before=before.to_json(),
        after=get_terms(item).to_json(),
        comment=comment,
        event=event,
    )


def narrow_terms(item: RequestItem, narrowed: NarrowedTerms, now: datetime) -> RequestTerms:
    """The narrowed request. RefusedError for a field that is wider than requested, or leaves nothing."""
    terms = get_terms(item)
    if narrowed == NOT_NARROWED:
        return terms
    only_whole = item.target.whole_only_message
    if only_whole and (narrowed.columns is not None or narrowed.row_filter.strip()):
        raise RefusedError(str(only_whole), "columns")
    if narrowed.columns is not None and set(narrowed.columns) != set(terms.columns):
        check_columns(item.table, narrowed.columns)
        wider = [name for name in narrowed.columns if not item.target.includes_column(name)]
        if wider:
            words = _("%(columns)s was not requested.") % {"columns": ", ".join(wider)}
            raise RefusedError(words, "columns")
        terms = replace(terms, **get_extent_fields(TableColumns.fact, dict.fromkeys(narrowed.columns)))
    if narrowed.row_filter.strip():
        added = check_row_filter(narrowed.row_filter, item.table)
        both = f"({item.row_filter}) AND ({added})" if item.row_filter else added
        terms = replace(terms, row_filter=check_row_filter(both, item.table))
    ends = {
        "trial_days": _get_trial_end(narrowed, now),
        "hours": _get_hours_end(narrowed, now),
        "ends_at": narrowed.ends_at,
    }
    field, end = min(
        ((name, end) for name, end in ends.items() if end), key=itemgetter(1), default=("", terms.ends_at)
    )
    if end > terms.ends_at:
        message = _("It was requested until %(day)s. Choose an earlier end.") % {
            "day": _format_time(terms.ends_at)
        }
        raise RefusedError(message, field)
    if end <= now:
        raise RefusedError(_("The end date is in the past. Choose a later day."), "ends_at")
    return replace(terms, ends_at=end)


def list_differences(before: RequestTerms, after: RequestTerms) -> list[TermsDifference]:
    """The difference between `before` and `after`; pure."""
    return [*_compare_extent(before, after), *_compare_rows(before, after), *_compare_end(before, after)]


def _get_trial_end(narrowed: NarrowedTerms, now: datetime) -> datetime | None:
    if narrowed.trial_days is None:
        return None
    if narrowed.trial_days < 1:
        raise RefusedError(_("A trial lasts at least a day."), "trial_days")
    return now + timedelta(days=narrowed.trial_days)


def _get_hours_end(narrowed: NarrowedTerms, now: datetime) -> datetime | None:
    if narrowed.hours is None:
        return None
    if narrowed.hours < 1:
        raise RefusedError(_("Access lasts at least an hour."), "hours")
    return now + timedelta(hours=narrowed.hours)


def _compare_extent(before: RequestTerms, after: RequestTerms) -> list[TermsDifference]:
    old, new_extent = _describe_extent(before), _describe_extent(after)
    if old or new_extent:
        if old == new_extent:
            return []
        names = {"remove": old or ", ".join(before.columns), "add": new_extent or ", ".join(after.columns)}
        return [TermsDifference(kind, text) for kind, text in names.items()]
    gone = [name for name in before.columns if name not in after.columns]
    new = [name for name in after.columns if name not in before.columns]
    lines = [TermsDifference("remove", _("column %(name)s") % {"name": name}) for name in gone]
    return [*lines, *(TermsDifference("add", _("column %(name)s") % {"name": name}) for name in new)]


def _describe_extent(terms: RequestTerms) -> str:
    return str(get_target_kind(terms).texts.compared)


def _compare_rows(before: RequestTerms, after: RequestTerms) -> list[TermsDifference]:
    if before.row_filter == after.row_filter:
        return []
    return [TermsDifference("remove", _describe_rows(before)), TermsDifference("add", _describe_rows(after))]


def _describe_rows(terms: RequestTerms) -> str:
    return _("rows where %(rule)s") % {"rule": terms.row_filter} if terms.row_filter else _("all rows")


def _compare_end(before: RequestTerms, after: RequestTerms) -> list[TermsDifference]:
    if before.ends_at == after.ends_at:
        return []
    until = _("until %(day)s")
    return [
        TermsDifference("remove", until % {"day": _format_time(before.ends_at)}),
        TermsDifference("add", until % {"day": _format_time(after.ends_at)}),
    ]


def _format_time(at: datetime) -> str:
    return date_format(timezone.localtime(at), _("j F Y, H:i"))


def compute_approval_hash(item: RequestItem, effects: Effects, narrowed: NarrowedTerms = NOT_NARROWED) -> str:
    """SHA-256 of the effects of approving `item`, its end, and the earlier end that `narrowed` sets. 64 hexadecimal digits.

    A trial and hours count from the decision on, so they are bound as a number and not as the time that they lead to.
    """
    return digest(
        {
            "effects": effects.digest(),
            "asked_until": _format_utc(item.ends_at),
            "ends_at": _format_utc(narrowed.ends_at) if narrowed.ends_at else None,
            "trial_days": narrowed.trial_days,
            "hours": narrowed.hours,
        }
    )


def compute_item_approval_hash(item: RequestItem) -> str:
    """The `compute_approval_hash` of the whole of an item, from the mirror as it is now."""
    return compute_approval_hash(item, compute_effects(item))


def _format_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
