"""Propose, approve, reject and withdraw tag changes. Each is one transaction; no call to AWS is made."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.derivation.classification_checks import check_floors_kept
from catalog.tag_changes.checks import check_still_allowed, check_text
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.may import (
    list_approvable_teams,
    list_decider_ids,
    list_given_approvals,
    list_needed_approvals,
    may_approve_tag_change,
    may_propose_tag_change,
    may_reject_tag_change,
    may_view_tag_change,
    may_withdraw_tag_change,
)
from catalog.tag_changes.models import TagChange, TagChangeApproval
from catalog.tag_changes.preview import compute_proposed_effects
from catalog.tag_changes.queries import compute_current_effects, describe_tag_change
from catalog.tag_changes.states import TAG_CHANGE_TRANSITIONS, TagChangeState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, require_allowed
from lakeformation.tagging import TagAssignment, TagChangeEffects, TagDefinition


@transaction.atomic(durable=True)
def propose_tag_change(
    *,
    acting_user: Person,
    catalog: ConnectedCatalog,
    assignments: Sequence[TagAssignment],
    reason: str,
    now: datetime,
    definitions: Sequence[TagDefinition] = (),
    effects_hash: str = "",
) -> TagChange:
    """Ask the owners of the data to tag it so. `effects_hash`: of the effects that the person was shown, if they were.

    ForbiddenError; RefusedError naming what is wrong; TagEffectsChangedError where other effects were shown.
    """
    effects = compute_proposed_effects(catalog, assignments, definitions)
    require_allowed(may_propose_tag_change(acting_user, effects.teams, defines=bool(definitions)))
    return write_proposal(
        person=acting_user, catalog=catalog, effects=effects, reason=reason, now=now, shown=effects_hash
    )


def write_proposal(
    *,
    person: Person,
    catalog: ConnectedCatalog,
    effects: TagChangeEffects,
    reason: str,
    now: datetime,
    shown: str = "",
) -> TagChange:
    """`propose_tag_change` within the transaction of a caller that has authorised. `shown`: the hash of the effects that
    the person saw.
    """
    check_text(reason, "reason", is_required=True)
    if shown and effects.digest() != shown:
        raise TagEffectsChangedError(effects)
    _check_floors(person, catalog, effects, now)
    row = TagChange.objects.create(
        catalog=catalog,
        definitions=effects.wanted["definitions"],
        assignments=effects.wanted["assignments"],
        reason=reason.strip(),
        effects=effects.to_json(),
        effects_hash=effects.digest(),
        proposed_by=person,
        proposed_at=now,
    )
    told = {"what": describe_tag_change(row), "people": list_decider_ids(row), "reason": row.reason}
    data = {"effects": row.effects, "effects_hash": row.effects_hash, "catalog": catalog.pk, **told}
    record_by_person("propose_tag_change", person, row.subject, data, now)
    return row


@transaction.atomic(durable=True)
def approve_tag_change(
    *, acting_user: Person, change_id: int, effects_hash: str, now: datetime, comment: str = ""
) -> TagChange:
    """Approve for each team of which the person is a data owner, and as a governance admin where one is needed. With the last
    approval it is applied.

    NotFoundError, ForbiddenError, IllegalTransitionError; TagEffectsChangedError where other effects were shown.
    """
    change = _lock_change(acting_user, change_id)
    effects = compute_current_effects(change)
    change.effects, change.effects_hash = effects.to_json(), effects.digest()
    require_allowed(may_reject_tag_change(acting_user, change))
    TAG_CHANGE_TRANSITIONS.check(change.state, TagChangeState.APPROVED)
    require_allowed(may_approve_tag_change(acting_user, change))
    check_text(comment, "comment")
    if effects.digest() != effects_hash:
        raise TagEffectsChangedError(effects)
    check_still_allowed(change)
    _check_floors(acting_user, change.catalog, effects, now)
    _approve(change, acting_user, comment.strip(), now)
    change.save(update_fields=["state", "effects", "effects_hash", "closed_by", "closed_at", "intent"])
    return change


def _check_floors(
    person: Person, catalog: ConnectedCatalog, effects: TagChangeEffects, now: datetime
) -> None:
    check_floors_kept(person, catalog, effects.outcome, {one.key for one in effects.assignments}, now)


def _approve(change: TagChange, person: Person, comment: str, now: datetime) -> None:
    done = list_given_approvals(change)
    mine = [team for team in list_approvable_teams(person, change) if team not in done]
    is_last = done.union(mine).issuperset(list_needed_approvals(change))
    data = {"effects": change.effects, "effects_hash": change.effects_hash, "comment": comment}
    told = {"what": describe_tag_change(change), "people": [change.proposed_by_id], "is_last": is_last}
    event = record_by_person("approve_tag_change", person, change.subject, {**data, **told}, now)
    for team in mine:
        TagChangeApproval.objects.create(
            tag_change=change,
            team_id=team,
            proposed_by_id=change.proposed_by_id,
            decided_by=person,
            decided_at=now,
            effects_hash=change.effects_hash,
            comment=comment,
            event=event,
        )
    if is_last:
        change.state = TAG_CHANGE_TRANSITIONS.check(change.state, TagChangeState.APPROVED)
        change.closed_by, change.closed_at = person, now
        change.intent = engine.create_intent(
            kind=Intent.Kind.CLASSIFICATION,
            scope_key=engine.catalog_scope_key(change.catalog_id),
            subject=change.subject,
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
    data = {
        "comment": change.comment,
        "reason": change.comment,
        "what": describe_tag_change(change),
        "people": [change.proposed_by_id],
    }
    record_by_person(verb, person, change.subject, data, now)
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
