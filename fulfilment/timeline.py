"""Timeline of an intent: what the engine did for it, in words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from fulfilment.rounds import Refusal, Round, Step, StepEntry
from lakeformation.drift import DifferenceKind
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.wording import (
    describe_cells_filter,
    describe_columns,
    describe_permission,
    describe_rows,
)

MAX_COLUMNS = 2

ACTION_TEXTS = {
    "grant": ("Granted", "grant"),
    "revoke": ("Revoked", "revoke"),
    "land": ("Created database", "create database"),
    "unland": ("Removed database", "remove database"),
    "link": ("Created resource link", "create resource link"),
    "unlink": ("Removed resource link", "remove resource link"),
    "accept": ("Accepted the invitation", "accept the invitation"),
    "make database": ("Created database", "create database"),
    "make table": ("Created table", "create table"),
    "update table": ("Updated the columns of table", "update the columns of table"),
    "register": ("Registered location", "register location"),
    "filter": ("Created data cells filter", "create data cells filter"),
    "unfilter": ("Removed data cells filter", "remove data cells filter"),
    "opt in": ("Opted in to Lake Formation", "opt in to Lake Formation"),
    "tag": ("Changed", "change"),
    "untag": ("Changed", "change"),
    "define tag": ("Defined", "define"),
    "undefine tag": ("Removed values of", "remove values of"),
    "opt out": ("Opted out of Lake Formation", "opt out of Lake Formation"),
}
"""For each action, its past tense and its infinitive."""
CHANGED_OUTSIDE_TEXT = "Changed outside the portal"
RETRIED_ERROR_KINDS = frozenset({"throttled", "conflict", "ended"})
"""Error kinds after which the call is retried soon; others are refusals."""


@dataclass(frozen=True)
class TimelineEvent:
    """`kind`: a step's outcome, present, absent or drift. `request_id` is AWS's, to quote. Of a call, `action` and
    `account_id` say what was done where, and `round` by which run.
    """

    at: datetime
    kind: str
    text: str
    detail: str = ""
    request_id: str = ""
    action: str = ""
    account_id: str = ""
    round: int | None = None


def build_timeline(intent: Intent) -> list[TimelineEvent]:
    """Steps, drift, widenings and proof of one intent, oldest first. Four queries."""
    entries = (
        StepEntry.objects.filter(intents__contains=[intent.pk], step__sent_at__isnull=False)
        .select_related("step", "step__round")
        .order_by("step__sent_at", "position")
    )
    moments = _build_call_events(entries, Refusal.objects.filter(intents__contains=[intent.pk]))
    for found in Round.objects.filter(
        scope__key=intent.scope_key, drift__contains=[{"intents": [intent.pk]}]
    ):
        moments += [
            TimelineEvent(found.started_at, "drift", CHANGED_OUTSIDE_TEXT, drift["text"])
            for drift in found.drift
            if intent.pk in drift["intents"]
        ]
    wider = DriftFinding.objects.filter(kind=DifferenceKind.WIDENED, intents__contains=[intent.pk])
    moments += [
        TimelineEvent(row.first_seen_at, "drift", "Covers more than was approved", row.text) for row in wider
    ]
    if intent.seen_at and intent.presence in {Intent.Presence.PRESENT, Intent.Presence.ABSENT}:
        is_present = intent.presence == Intent.Presence.PRESENT
        text = _("Read back from AWS: present") if is_present else _("Read back from AWS: absent")
        moments.append(
            TimelineEvent(intent.seen_at, str(intent.presence), text, f"worker run {intent.evidence_id}")
        )
    return sorted(moments, key=lambda moment: moment.at)


def _build_call_events(entries: Iterable[StepEntry], refusals: Iterable[Refusal]) -> list[TimelineEvent]:
    """One event for each call, and one for consecutive refusals of a change with the same text."""
    next_tries = {(row.action, row.resource): row.next_at for row in refusals}
    moments: list[TimelineEvent] = []
    refused: dict[tuple[str, str], list[TimelineEvent]] = {}
    for entry in entries:
        moment, change = build_event(entry), (entry.action, entry.resource)
        if not _is_refused(entry):
            moments.append(moment)
            if moment.kind == "done":
                moments += [_merge_refusals(group) for group in _group_refusals(refused.pop(change, []))]
        else:
            refused.setdefault(change, []).append(moment)
    for change, found in refused.items():
        groups = _group_refusals(found)
        moments += [_merge_refusals(group) for group in groups[:-1]]
        moments.append(_merge_refusals(groups[-1], next_tries.get(change)))
    return moments


def _group_refusals(events: Iterable[TimelineEvent]) -> list[list[TimelineEvent]]:
    """Group consecutive refusals with equal texts."""
    return [list(same) for _, same in groupby(events, key=lambda event: (event.text, event.detail))]


def _merge_refusals(same: list[TimelineEvent], next_try: datetime | None = None) -> TimelineEvent:
    last, said = same[-1], []
    if len(same) > 1:
        said.append(f"Refused {len(same)} times since {_format_time(same[0].at)}.")
    if next_try:
        said.append(f"Next try at {_format_time(next_try)}.")
    return replace(last, detail=" ".join([*said, last.detail]))


def _format_time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC"


def _is_refused(entry: StepEntry) -> bool:
    return bool(entry.error) and entry.error_kind not in RETRIED_ERROR_KINDS


def build_event(entry: StepEntry) -> TimelineEvent:
    """The event of a call that was sent. If the text shortens the columns, the detail lists all."""
    step = entry.step
    assert step.sent_at is not None
    detail = entry.error
    if describe_entry(entry) != describe_entry(entry, max_columns=None):
        detail = " · ".join(filter(None, (detail, describe_columns(_parse_columns(entry.atom)))))
    return TimelineEvent(
        step.sent_at,
        _entry_outcome(entry),
        describe_entry(entry),
        detail,
        step.aws_request_id,
        entry.action,
        step.account_id,
        step.round_id,
    )


def _entry_outcome(entry: StepEntry) -> str:
    """The entry's own outcome, which differs from the step's where the step succeeded in part."""
    if entry.error:
        return Step.Outcome.FAILED.value
    outcome = Step.Outcome(entry.step.outcome)
    return (Step.Outcome.DONE if outcome == Step.Outcome.PARTIAL else outcome).value


def describe_entry(entry: StepEntry, max_columns: int | None = MAX_COLUMNS) -> str:
    """Describe the result of one entry in a sentence.

    At most `max_columns` columns of a SELECT are named; None for all.
    """
    done, to_do = ACTION_TEXTS.get(entry.action, (entry.action, entry.action))
    what = _describe_atom(entry.atom, entry.resource, max_columns)
    outcome = Step.Outcome(_entry_outcome(entry))
    if outcome == Step.Outcome.DONE:
        return f"{done} {what}"
    if outcome != Step.Outcome.FAILED:
        return f"Asked AWS to {to_do} {what}; no answer yet"
    if entry.error_kind in RETRIED_ERROR_KINDS:
        return f"Tried to {to_do} {what}; AWS asked to try again later"
    return f"AWS refused to {to_do} {what}"


def _parse_columns(atom: dict[str, Any]) -> ColumnSet | None:
    if "cells" in atom:
        return CellsFilter.from_json(atom["cells"]).columns
    return ColumnSet.from_json(atom["columns"]) if "columns" in atom else None


def _describe_atom(atom: dict[str, Any], resource: str, most: int | None) -> str:
    if "cells" in atom:
        one = CellsFilter.from_json(atom["cells"])
        shown = f"{describe_columns(one.columns, most)} in {describe_rows(one.rows)}"
        return f"{one.name} on {one.database}.{one.table}: {shown}"
    if "lf_tag" in atom:
        return _describe_tag(atom["lf_tag"], resource, most)
    if "opt_in" in atom:
        return f"{atom['opt_in'].rsplit('/', 1)[-1]} on {resource.replace('/', '.')}"
    if "verb" not in atom:
        return resource.replace("/", ".") if "target_table" in atom else resource
    if atom.get("cells_filter"):
        return describe_permission(atom["verb"], resource, describe_cells_filter(atom["cells_filter"]))
    return describe_permission(atom["verb"], resource, describe_columns(_parse_columns(atom), most))


def _describe_tag(tag: dict[str, Any], resource: str, most: int | None) -> str:
    words = f"{resource.replace('/', '.')}: {', '.join(tag['values'])}"
    if not tag["database"]:
        return words
    words = f"{resource.replace('/', '.')}: {tag['key']}={', '.join(tag['values'])}"
    return (
        f"{words} on {describe_columns(ColumnSet.include(tag['columns']), most)}" if tag["columns"] else words
    )
