"""Propose, approve, reject and withdraw tag changes. Each is one transaction; no call to AWS is made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.advisory_locks import AdvisoryLock, acquire_transaction_lock
from catalog.tag_changes.checks import check_tag_change, check_text
from catalog.tag_changes.effects import compute_tag_change_effects
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.may import (
    list_approvable_teams,
    may_approve_tag_change,
    may_propose_tag_change,
    may_reject_tag_change,
    may_view_tag_change,
    may_withdraw_tag_change,
)
from catalog.tag_changes.models import TagChange, TagChangeApproval
from catalog.tag_changes.queries import compute_current_effects, list_managed_assignments
from catalog.tag_changes.states import TAG_CHANGE_TRANSITIONS, TagChangeState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person
from lakeformation.tagging.assignments import TagAssignment, TagDefinition


@transaction.atomic(durable=True)
def propose_tag_change(
    *,
    acting_user: Person,
    catalog: ConnectedCatalog,
    assignments: Sequence[TagAssignment],
    reason: str,
    now: datetime,
    definitions: Sequence[TagDefinition] = (),
) -> TagChange:
    """Ask the owners of the data to tag it so. ForbiddenError; RefusedError naming what is wrong."""
    defined, assigned = check_tag_change(catalog, definitions, assignments)
    effects = compute_tag_change_effects(catalog, defined, assigned, list_managed_assignments(catalog))
    require_allowed(may_propose_tag_change(acting_user, effects.teams, defines=bool(defined)))
    check_text(reason, "reason", is_required=True)
    data = {"effects": effects.to_json(), "effects_hash": effects.digest(), "reason": reason.strip()}
    event = record_by_person("propose_tag_change", acting_user, f"catalog:{catalog.pk}", data, now)
    return TagChange.objects.create(
        catalog=catalog,
        definitions=[one.to_json() for one in defined],
        assignments=[one.to_json() for one in assigned],
        reason=reason.strip(),
        effects=effects.to_json(),
        effects_hash=effects.digest(),
        proposed_by=acting_user,
        proposed_at=now,
        event=event,
    )


@transaction.atomic(durable=True)
def approve_tag_change(
    *, acting_user: Person, change_id: int, effects_hash: str, now: datetime, comment: str = ""
) -> TagChange:
    """Approve for each team of which the person is a data owner. With the last team's approval it is applied.

    NotFoundError, ForbiddenError, IllegalTransitionError; TagEffectsChangedError where other effects were shown.
    """
    change = _lock_change(acting_user, change_id)
    effects = compute_current_effects(change)
    change.effects, change.effects_hash = effects.to_json(), effects.digest()
    require_allowed(may_approve_tag_change(acting_user, change))
    TAG_CHANGE_TRANSITIONS.check(change.state, TagChangeState.APPROVED)
    check_text(comment, "comment")
    if effects.digest() != effects_hash:
        raise TagEffectsChangedError(effects)
    data = {"effects": effects.to_json(), "effects_hash": effects_hash, "comment": comment.strip()}
    event = record_by_person("approve_tag_change", acting_user, _name(change), data, now)
    known = change.approvals.filter(effects_hash=effects_hash)
    done: set[int | None] = set(known.values_list("team_id", flat=True))
    for team in list_approvable_teams(acting_user, change):
        if team not in done:
            change.approvals.add(
                TagChangeApproval(
                    tag_change=change, team_id=team, proposed_by_id=change.proposed_by_id, decided_by=acting_user,
                    decided_at=now, effects_hash=effects_hash, comment=comment.strip(), event=event,
                ),
                bulk=False,
            )  # fmt: skip
            done.add(team)
    if done.issuperset(change.effects["teams"] or [None]):
        _apply(change, acting_user, now)
    change.save(update_fields=["state", "effects", "effects_hash", "closed_by", "closed_at", "intent"])
    return change


def _apply(change: TagChange, person: Person, now: datetime) -> None:
    change.state = TAG_CHANGE_TRANSITIONS.check(change.state, TagChangeState.APPROVED)
    change.closed_by, change.closed_at = person, now
    change.intent = engine.create_intent(
        kind=Intent.Kind.CLASSIFICATION,
        scope_key=engine.catalog_scope_key(change.catalog_id),
        subject=_name(change),
        wanted=change.effects["wanted"],
        effects=change.effects,
        effects_hash=change.effects_hash,
        expires_at=None,
        now=now,
    )


@transaction.atomic(durable=True)
def reject_tag_change(*, acting_user: Person, change_id: int, comment: str, now: datetime) -> TagChange:
    """NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    change = _lock_change(acting_user, change_id)
    require_allowed(may_reject_tag_change(acting_user, change))
    check_text(comment, "comment", is_required=True)
    return _close(
        change,
        state=TagChangeState.REJECTED,
        verb="reject_tag_change",
        person=acting_user,
        comment=comment,
        now=now,
    )


@transaction.atomic(durable=True)
def withdraw_tag_change(
    *, acting_user: Person, change_id: int, now: datetime, comment: str = ""
) -> TagChange:
    """NotFoundError, ForbiddenError, IllegalTransitionError."""
    change = _lock_change(acting_user, change_id)
    require_allowed(may_withdraw_tag_change(acting_user, change))
    check_text(comment, "comment")
    return _close(
        change,
        state=TagChangeState.WITHDRAWN,
        verb="withdraw_tag_change",
        person=acting_user,
        comment=comment,
        now=now,
    )


def _close(
    change: TagChange, *, state: TagChangeState, verb: str, person: Person, comment: str, now: datetime
) -> TagChange:
    change.state = TAG_CHANGE_TRANSITIONS.check(change.state, state)
    change.closed_by, change.closed_at, change.comment = person, now, comment.strip()
    change.save(update_fields=["state", "closed_by", "closed_at", "comment"])
    data: dict[str, Any] = {"comment": change.comment}
    record_by_person(verb, person, _name(change), data, now)
    return change


def _lock_change(person: Person, change_id: int) -> TagChange:
    """One decision at a time in a catalog, as each is about what the others left."""
    catalog = TagChange.objects.filter(pk=change_id).values_list("catalog", flat=True).first()
    if catalog is None:
        raise NotFoundError
    acquire_transaction_lock(AdvisoryLock.TAG_CHANGES, catalog)
    rows = TagChange.objects.select_for_update(of=("self",)).select_related("catalog__account")
    change = rows.get(pk=change_id)
    if not may_view_tag_change(person, change):
        raise NotFoundError
    return change


def _name(change: TagChange) -> str:
    return f"tag_change:{change.pk}"
