"""Decisions that wait for a person besides access requests: registrations, schema updates, write access, tag changes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet, Value
from django.urls import reverse
from django.utils.translation import ngettext

from catalog.registrations.may import may_approve_registration, may_except_registration
from catalog.registrations.models import Registration
from catalog.registrations.queries import list_registrations
from catalog.registrations.schema_updates.may import may_approve_schema_update
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import list_schema_updates
from catalog.registrations.schema_updates.states import SchemaUpdateState
from catalog.registrations.states import RegistrationState
from catalog.tag_changes.may import list_approvable_teams
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.queries import list_tag_changes
from catalog.tag_changes.states import TagChangeState
from identity.people.may import get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from requests_app.write_access.may import may_approve_write_request
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import list_write_requests
from requests_app.write_access.states import WriteRequestState

MAX_ROWS = 100
"""Of one kind; more are not counted."""


@dataclass(frozen=True)
class OtherDecisions:
    """`text` says how many of what; `url` is the page of the only one, else of the list."""

    text: str
    url: str


def list_other_decisions(person: Person) -> list[OtherDecisions]:
    """One for each kind that waits. One query, and one or two more for each kind of which anybody's waits; none for people
    who decide on nothing of this.
    """
    owns = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if not owns and not has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return []
    builders = {
        "registration": _build_registrations, "schema-update": _build_schema_updates, "write-request": _build_write_requests,
        "tag-change": _build_tag_changes,
    }  # fmt: skip
    waiting = _find_waiting_kinds()
    return [one for kind, build in builders.items() if kind in waiting for one in build(person)]


def _find_waiting_kinds() -> set[str]:
    rows: dict[str, QuerySet[Any]] = {
        "registration": Registration.objects.filter(state=RegistrationState.REQUESTED),
        "schema-update": SchemaUpdate.objects.filter(state=SchemaUpdateState.PROPOSED),
        "write-request": WriteRequest.objects.filter(state=WriteRequestState.REQUESTED),
        "tag-change": TagChange.objects.filter(state=TagChangeState.PENDING),
    }
    first, *others = (found.order_by().values_list(Value(kind))[:1] for kind, found in rows.items())
    return {kind for (kind,) in first.union(*others, all=True)}


def _build_registrations(person: Person) -> Iterable[OtherDecisions]:
    rows = list_registrations(person).filter(state=RegistrationState.REQUESTED)[:MAX_ROWS]
    return _build(
        [one for one in rows if _may_decide_registration(person, one)],
        "registration", lambda n: ngettext("%(n)d registration", "%(n)d registrations", n),
    )  # fmt: skip


def _build_schema_updates(person: Person) -> Iterable[OtherDecisions]:
    rows = list_schema_updates(person).filter(
        state=SchemaUpdateState.PROPOSED, registration__state=RegistrationState.APPROVED
    )
    return _build(
        [one for one in rows[:MAX_ROWS] if may_approve_schema_update(person, one)],
        "schema-update", lambda n: ngettext("%(n)d schema update", "%(n)d schema updates", n), "registrations",
    )  # fmt: skip


def _build_write_requests(person: Person) -> Iterable[OtherDecisions]:
    rows = list_write_requests(person).filter(state=WriteRequestState.REQUESTED)[:MAX_ROWS]
    return _build(
        [one for one in rows if may_approve_write_request(person, one)],
        "write-request", lambda n: ngettext("%(n)d write request", "%(n)d write requests", n),
    )  # fmt: skip


def _build_tag_changes(person: Person) -> Iterable[OtherDecisions]:
    rows = list_tag_changes(person).filter(state=TagChangeState.PENDING).prefetch_related("approvals")
    return _build(
        [one for one in rows[:MAX_ROWS] if _may_decide_tag_change(person, one)],
        "tag-change", lambda n: ngettext("%(n)d tag change", "%(n)d tag changes", n), "tags",
    )  # fmt: skip


def _may_decide_registration(person: Person, row: Registration) -> bool:
    if row.awaits_exception:
        return bool(may_except_registration(person, row))
    return bool(may_approve_registration(person, row))


def _may_decide_tag_change(person: Person, change: TagChange) -> bool:
    approvals = [one for one in change.approvals.all() if one.effects_hash == change.effects_hash]
    return not {one.team_id for one in approvals}.issuperset(list_approvable_teams(person, change))


def _build(
    rows: Sequence[Model], page: str, describe: Callable[[int], str], listing: str = ""
) -> Iterable[OtherDecisions]:
    if not rows:
        return
    url = reverse(page, args=[rows[0].pk]) if len(rows) == 1 else reverse(listing or f"{page}s")
    yield OtherDecisions(describe(len(rows)) % {"n": len(rows)}, url)
