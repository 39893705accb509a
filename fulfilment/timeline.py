"""What the engine did for an intent, as a person reads it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fulfilment.models import Entry, Finding, Intent, Round, Step
from lakeformation.atoms import CellsFilter
from lakeformation.columns import ColumnSet
from lakeformation.differences import Kind
from lakeformation.wording import cells_worded, columns_worded, rows_worded, worded

MOST_COLUMNS = 2

WORDS = {
    "grant": "Granted",
    "revoke": "Revoked",
    "land": "Made database",
    "unland": "Removed database",
    "link": "Made resource link",
    "unlink": "Removed resource link",
    "accept": "Accepted the invitation",
    "register": "Registered location",
    "filter": "Made data cells filter",
    "unfilter": "Removed data cells filter",
    "opt in": "Opted in to Lake Formation",
    "opt out": "Opted out of Lake Formation",
}


@dataclass(frozen=True)
class Moment:
    """`kind`: a step's outcome, present, absent or drift. `request_id` is AWS's, to quote."""

    at: datetime
    kind: str
    text: str
    detail: str = ""
    request_id: str = ""


def timeline(intent: Intent) -> list[Moment]:
    """Steps, drift, widenings and proof of one intent, oldest first. Three queries."""
    entries = (
        Entry.objects.filter(intents__contains=[intent.pk], step__sent_at__isnull=False)
        .select_related("step", "step__round")
        .order_by("step__sent_at", "position")
    )
    moments = [moment_of(entry) for entry in entries]
    for found in Round.objects.filter(
        scope__key=intent.scope_key, drift__contains=[{"intents": [intent.pk]}]
    ):
        moments += [
            Moment(found.started_at, "drift", "Found changed behind the portal", drift["text"])
            for drift in found.drift
            if intent.pk in drift["intents"]
        ]
    wider = Finding.objects.filter(kind=Kind.WIDENED, intents__contains=[intent.pk])
    moments += [
        Moment(row.first_seen_at, "drift", "Reaches more than was agreed to", row.text) for row in wider
    ]
    if intent.seen_at and intent.presence in {Intent.Presence.PRESENT, Intent.Presence.ABSENT}:
        word = "present" if intent.presence == Intent.Presence.PRESENT else "absent"
        text = f"Read back from AWS: {word}"
        moments.append(Moment(intent.seen_at, word, text, f"in round {intent.evidence_id} of the workers"))
    return sorted(moments, key=lambda moment: moment.at)


def moment_of(entry: Entry) -> Moment:
    """One call that was sent; a list of columns that the text shortens stands whole in the detail."""
    step = entry.step
    assert step.sent_at is not None
    kind = _outcome(entry)
    detail = entry.error or f"account {step.account_id}"
    if told(entry) != told(entry, most=None):
        detail = f"{detail} · {columns_worded(_columns(entry.atom))}"
    return Moment(step.sent_at, kind, told(entry), detail, step.aws_request_id)


def _outcome(entry: Entry) -> str:
    """Of this entry: of a step that was done in part, each entry says whether it failed."""
    if entry.error:
        return Step.Outcome.FAILED.value
    outcome = Step.Outcome(entry.step.outcome)
    return (Step.Outcome.DONE if outcome == Step.Outcome.PARTIAL else outcome).value


def told(entry: Entry, most: int | None = MOST_COLUMNS) -> str:
    """One line of a call in words: what was done to which permission, link, share or location.

    Of a SELECT's columns at most `most` are named, None for all.
    """
    return f"{WORDS.get(entry.action, entry.action)} {_described(entry.atom, entry.resource, most)}"


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
