"""A tag change as its pages show it: what changes, who gains and loses, who decides, what happened in AWS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.tag_changes.calls import TagCall, preview_tag_calls
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.may import (
    list_needed_approvals,
    may_approve_tag_change,
    may_withdraw_tag_change,
)
from catalog.tag_changes.mirror_lag import read_mirrored_tags
from catalog.tag_changes.models import TagChange, TagChangeApproval
from catalog.tag_changes.queries import get_status
from catalog.tag_changes.states import TagChangeStatus
from decisions.states import DecisionState
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.accounts import Principal
from identity.people.models import Person, Team
from kernel.verdicts import Verdict
from lakeformation.tagging import TagDefinition, assignments_from_json, definitions_from_json
from portal.decisions.declaration import show_status
from portal.pages.decisions import build_decision_event
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.display_states.vocabulary import DisplayState

MAX_PLACES = 3


@dataclass(frozen=True)
class TagChangeRow:
    change: TagChange
    status: TagChangeStatus

    @property
    def display_state(self) -> DisplayState:
        return show_status(TAG_CHANGE, self.status)

    @property
    def title(self) -> str:
        """What it defines, or the keys that it assigns and where."""
        defined = sorted({definition["key"] for definition in self.change.definitions})
        keys = sorted({assignment["key"] for assignment in self.change.assignments})
        places = sorted(
            {
                ".".join(filter(None, (assignment["database"], assignment["table"])))
                for assignment in self.change.assignments
            }
        )
        if not places:
            return _("Values of %(keys)s") % {"keys": ", ".join(defined)}
        shown = [*places[:MAX_PLACES], *(["…"] if len(places) > MAX_PLACES else [])]
        return _("%(keys)s on %(places)s") % {"keys": ", ".join(keys), "places": ", ".join(shown)}


@dataclass(frozen=True)
class AssignmentLine:
    """`before` is what the mirror shows; empty for nothing, and once it is decided. `after` is empty if it inherits."""

    target: str
    key: str
    before: str
    after: str


@dataclass(frozen=True)
class AccessLine:
    """What one principal gains and loses of one table. `principal` is None where the portal does not know it."""

    principal: Principal | None
    arn: str
    table: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    kept: tuple[str, ...]
    opens: bool
    closes: bool
    expressions: tuple[str, ...]


@dataclass(frozen=True)
class EffectsView:
    definitions: tuple[TagDefinition, ...]
    assignments: tuple[AssignmentLine, ...]
    access: tuple[AccessLine, ...]
    digest: str


@dataclass(frozen=True)
class ApprovalRow:
    """`team` is None for a governance admin's. `given` is None until somebody approved what is shown."""

    team: Team | None
    given: TagChangeApproval | None


@dataclass(frozen=True)
class TagChangeDetails:
    row: TagChangeRow
    effects: EffectsView
    approvals: tuple[ApprovalRow, ...]
    calls: tuple[TagCall, ...]
    problem: str
    timeline: tuple[TimelineStep, ...]
    approve: Verdict
    may_withdraw: bool


def build_tag_change_row(change: TagChange) -> TagChangeRow:
    return TagChangeRow(change, get_status(change))


def build_tag_change_details(person: Person, change: TagChange) -> TagChangeDetails:
    """Takes a change from `get_current_proposal`."""
    is_open = change.is_waiting
    row = build_tag_change_row(change)
    events = sorted(_list_events(change), key=lambda event: event.at)
    has_failed = row.status in {TagChangeStatus.OUTDATED, TagChangeStatus.FAILED}
    return TagChangeDetails(
        row=row,
        effects=build_effects_view(change, change.effects, change.effects_hash, is_open=is_open),
        approvals=tuple(_list_approvals(change)),
        calls=tuple(preview_tag_calls(change)) if is_open else (),
        problem=change.intent.failure if change.intent and has_failed else "",
        timeline=tuple(build_timeline_step(event) for event in events),
        approve=may_approve_tag_change(person, change),
        may_withdraw=is_open and bool(may_withdraw_tag_change(person, change)),
    )


def build_effects_view(
    change: TagChange, effects: Mapping[str, Any], digest: str, *, is_open: bool
) -> EffectsView:
    """Takes a change that may not be stored yet. `is_open`: the present values are shown as well."""
    wanted = effects["wanted"]
    assignments = assignments_from_json(wanted["assignments"])
    targets = [assignment.target for assignment in assignments] if is_open else []
    tags = read_mirrored_tags(change.catalog, targets)
    lines = (
        AssignmentLine(
            assignment.target.name,
            assignment.key,
            tags.get(assignment.target, {}).get(assignment.key, ""),
            assignment.value or "",
        )
        for assignment in assignments
    )
    access = tuple(_list_access(effects["access"]))
    return EffectsView(definitions_from_json(wanted["definitions"]), tuple(lines), access, digest)


def _list_access(rows: list[dict[str, Any]]) -> Iterator[AccessLine]:
    arns = {row["principal"] for row in rows}
    known = {
        principal.arn: principal
        for principal in Principal.objects.filter(arn__in=arns).select_related("account")
    }
    for row in rows:
        columns = {name: tuple(row[name]) for name in ("gained", "lost", "kept", "expressions")}
        yield AccessLine(
            known.get(row["principal"]),
            row["principal"],
            f"{row['database']}.{row['table']}",
            opens=row["opens"],
            closes=row["closes"],
            **columns,
        )


def _list_approvals(change: TagChange) -> Iterator[ApprovalRow]:
    given = change.approvals.filter(effects_hash=change.effects_hash).select_related("decided_by")
    by_team = {one.team_id: one for one in given}
    teams = Team.objects.in_bulk([pk for pk in list_needed_approvals(change) if pk is not None])
    for pk in list_needed_approvals(change):
        yield ApprovalRow(teams[pk] if pk is not None else None, by_team.get(pk))


def _list_events(change: TagChange) -> Iterator[TimelineEvent]:
    proposed = _("%(name)s proposed the change") % {"name": change.requested_by.name}
    yield TimelineEvent(change.requested_at, "asked", proposed, change.reason)
    for approval in change.approvals.select_related("decided_by", "team").order_by("pk"):
        side = approval.team.name if approval.team else _("governance")
        text = _("%(name)s approved it for %(side)s") % {"name": approval.decided_by.name, "side": side}
        yield TimelineEvent(approval.decided_at, "decided", text, approval.comment)
    if change.state == DecisionState.REJECTED and change.decided_by and change.decided_at:
        yield build_decision_event(change.decided_by, change.decided_at, change.comment, is_rejected=True)
    if change.ended_by and change.ended_at:
        words = _("%(name)s withdrew it") % {"name": change.ended_by.name}
        yield TimelineEvent(change.ended_at, "decided", words, change.end_reason)
    if change.intent is not None:
        yield from build_timeline(change.intent)
