"""What the engine did for an intent, as a person reads it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from fulfilment.intents.models import Intent
from fulfilment.ledger.models import Finding
from fulfilment.rounds.models import Entry, Refusal, Round, Step
from lakeformation.drift.differences import Kind
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.wording import cells_worded, columns_worded, rows_worded, worded

MOST_COLUMNS = 2

WORDS = {
    "grant": ("Granted", "grant"),
    "revoke": ("Revoked", "revoke"),
    "land": ("Created database", "create database"),
    "unland": ("Removed database", "remove database"),
    "link": ("Created resource link", "create resource link"),
    "unlink": ("Removed resource link", "remove resource link"),
    "accept": ("Accepted the invitation", "accept the invitation"),
    "register": ("Registered location", "register location"),
    "filter": ("Created data cells filter", "create data cells filter"),
    "unfilter": ("Removed data cells filter", "remove data cells filter"),
    "opt in": ("Opted in to Lake Formation", "opt in to Lake Formation"),
    "opt out": ("Opted out of Lake Formation", "opt out of Lake Formation"),
}
"""Of each action: what was done, and what was to be done."""
LATER = frozenset({"throttled", "conflict", "ended"})
"""Kinds of error after which the same call is made again soon; others are refusals."""


@dataclass(frozen=True)
class Moment:
    """`kind`: a step's outcome, present, absent or drift. `request_id` is AWS's, to quote."""

    at: datetime
    kind: str
    text: str
    detail: str = ""
    request_id: str = ""


def timeline(intent: Intent) -> list[Moment]:
    """Steps, drift, widenings and proof of one intent, oldest first. Four queries."""
    entries = (
        Entry.objects.filter(intents__contains=[intent.pk], step__sent_at__isnull=False)
        .select_related("step", "step__round")
        .order_by("step__sent_at", "position")
    )
    moments = _calls(entries, Refusal.objects.filter(intents__contains=[intent.pk]))
    for found in Round.objects.filter(
        scope__key=intent.scope_key, drift__contains=[{"intents": [intent.pk]}]
    ):
        moments += [
            Moment(found.started_at, "drift", "Changed outside the portal", drift["text"])
            for drift in found.drift
            if intent.pk in drift["intents"]
        ]
    wider = Finding.objects.filter(kind=Kind.WIDENED, intents__contains=[intent.pk])
    moments += [
        Moment(row.first_seen_at, "drift", "Covers more than was approved", row.text) for row in wider
    ]
    if intent.seen_at and intent.presence in {Intent.Presence.PRESENT, Intent.Presence.ABSENT}:
        word = "present" if intent.presence == Intent.Presence.PRESENT else "absent"
        text = f"Read back from AWS: {word}"
        moments.append(Moment(intent.seen_at, word, text, f"worker run {intent.evidence_id}"))
    return sorted(moments, key=lambda moment: moment.at)


def _calls(entries: Iterable[Entry], refusals: Iterable[Refusal]) -> list[Moment]:
    """One moment for each call, and one for all refusals of the same change with the same words, until it was made."""
    next_tries = {(row.action, row.resource): row.next_at for row in refusals}
    moments: list[Moment] = []
    refused: dict[tuple[str, str], list[Moment]] = {}
    for entry in entries:
        moment, change = moment_of(entry), (entry.action, entry.resource)
        if not _is_refused(entry):
            moments.append(moment)
            if moment.kind == "done":
                moments += [_grouped(group) for group in _groups(refused.pop(change, []))]
        else:
            refused.setdefault(change, []).append(moment)
    for change, found in refused.items():
        groups = _groups(found)
        moments += [_grouped(group) for group in groups[:-1]]
        moments.append(_grouped(groups[-1], next_tries.get(change)))
    return moments


def _groups(found: Iterable[Moment]) -> list[list[Moment]]:
    """Refusals in a row that say the same."""
    return [list(same) for _, same in groupby(found, key=lambda one: (one.text, one.detail))]


def _grouped(same: list[Moment], next_try: datetime | None = None) -> Moment:
    last, said = same[-1], []
    if len(same) > 1:
        said.append(f"Refused {len(same)} times since {_time(same[0].at)}.")
    if next_try:
        said.append(f"Next try at {_time(next_try)}.")
    return replace(last, detail=" ".join([*said, last.detail]))


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC"


def _is_refused(entry: Entry) -> bool:
    return bool(entry.error) and entry.error_kind not in LATER


def moment_of(entry: Entry) -> Moment:
    """One call that was sent; a list of columns that the text shortens stands whole in the detail."""
    step = entry.step
    assert step.sent_at is not None
    detail = entry.error or f"account {step.account_id}"
    if told(entry) != told(entry, most=None):
        detail = f"{detail} · {columns_worded(_columns(entry.atom))}"
    return Moment(step.sent_at, _outcome(entry), told(entry), detail, step.aws_request_id)


def _outcome(entry: Entry) -> str:
    """Of this entry: of a step that was done in part, each entry says whether it failed."""
    if entry.error:
        return Step.Outcome.FAILED.value
    outcome = Step.Outcome(entry.step.outcome)
    return (Step.Outcome.DONE if outcome == Step.Outcome.PARTIAL else outcome).value


def told(entry: Entry, most: int | None = MOST_COLUMNS) -> str:
    """One line of a call in words: what came of it, to which permission, link, share or location.

    Of a SELECT's columns at most `most` are named, None for all.
    """
    done, to_do = WORDS.get(entry.action, (entry.action, entry.action))
    what = _described(entry.atom, entry.resource, most)
    outcome = Step.Outcome(_outcome(entry))
    if outcome == Step.Outcome.DONE:
        return f"{done} {what}"
    if outcome != Step.Outcome.FAILED:
        return f"Asked AWS to {to_do} {what}; no answer yet"
    if entry.error_kind in LATER:
        return f"Tried to {to_do} {what}; AWS asked to try again later"
    return f"AWS refused to {to_do} {what}"


def _columns(atom: dict[str, Any]) -> ColumnSet | None:
    if "cells" in atom:
        return CellsFilter.from_json(atom["cells"]).columns
    return ColumnSet.from_json(atom["columns"]) if "columns" in atom else None


def _described(atom: dict[str, Any], resource: str, most: int | None) -> str:
    if "cells" in atom:
        one = CellsFilter.from_json(atom["cells"])
        shown = f"{columns_worded(one.columns, most)} in {rows_worded(one.rows)}"
        return f"{one.name} on {one.database}.{one.table}: {shown}"
    if "opt_in" in atom:
        return f"{atom['opt_in'].rsplit('/', 1)[-1]} on {resource.replace('/', '.')}"
    if "verb" not in atom:
        return resource.replace("/", ".") if "target_table" in atom else resource
    if atom.get("cells_filter"):
        return worded(atom["verb"], resource, cells_worded(atom["cells_filter"]))
    return worded(atom["verb"], resource, columns_worded(_columns(atom), most))
