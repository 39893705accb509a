"""Tag changes as a kind of decision: a data owner of each team approves, or a governance admin."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy, ngettext

from catalog.derivation.classification_checks import check_floors_kept
from catalog.tag_changes.checks import check_still_allowed
from catalog.tag_changes.may import (
    list_approvable_teams,
    list_decider_ids,
    list_given_approvals,
    list_needed_approvals,
    may_approve_tag_change,
    may_reject_tag_change,
    may_withdraw_tag_change,
)
from catalog.tag_changes.models import TagChange, TagChangeApproval
from catalog.tag_changes.queries import STATE_WORDS, compute_current_effects, get_status, list_tag_changes
from catalog.tag_changes.states import TagChangeStatus
from decisions.kinds import DecidedKind, Parts, Verbs, register
from decisions.states import DecisionState, ShownState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.people.models import Membership, Person, PlatformRole
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock


def list_visible(person: Person) -> QuerySet[TagChange]:
    return list_tag_changes(person).prefetch_related("approvals")


def may_decide(person: Person, change: TagChange) -> bool:
    """False for those whose side has approved the present effects."""
    approvals = [
        approval for approval in change.approvals.all() if approval.effects_hash == change.effects_hash
    ]
    return not {approval.team_id for approval in approvals}.issuperset(list_approvable_teams(person, change))


def select_for_role(role: str, team: Any) -> Q | None:
    if team is not None and role == Membership.Role.DATA_OWNER:
        return Q(effects__teams__contains=[team.pk])
    if team is None and role == PlatformRole.Role.GOVERNANCE_ADMIN:
        return Q(effects__teams=[]) | ~Q(definitions=[])
    return None


def lacks_decider(change: TagChange) -> bool:
    given_approvals = list_given_approvals(change)
    missing = [team for team in list_needed_approvals(change) if team not in given_approvals]
    people = Person.objects.filter(pk__in=list_decider_ids(change))
    held = set(
        Membership.objects.filter(person__in=people, role=Membership.Role.DATA_OWNER).values_list(
            "team", flat=True
        )
    )
    governs = PlatformRole.objects.filter(person__in=people, role=PlatformRole.Role.GOVERNANCE_ADMIN).exists()
    return any(not governs if team is None else team not in held for team in missing)


def refresh(row: TagChange) -> tuple[str, ...]:
    """The effects that it has now."""
    effects = compute_current_effects(row)
    row.effects, row.effects_hash = effects.to_json(), effects.digest()
    return ("effects",)


def check(row: TagChange, now: datetime) -> None:
    check_still_allowed(row)
    keys = {assignment["key"] for assignment in row.assignments}
    assert row.decided_by is not None
    check_floors_kept(row.decided_by, row.catalog, row.effects["wanted"]["outcome"], keys, now)


def is_last(row: TagChange) -> bool:
    return {*list_given_approvals(row), *_list_teams(row)}.issuperset(list_needed_approvals(row))


def add_approvals(row: TagChange) -> None:
    """For each team of which the decider is a data owner, and as a governance admin where one is needed."""
    assert row.decided_by
    assert row.decided_at
    assert row.event
    for team in _list_teams(row):
        TagChangeApproval.objects.create(
            tag_change=row,
            team_id=team,
            requested_by_id=row.requested_by_id,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            effects_hash=row.effects_hash,
            comment=row.comment,
            event=row.event,
        )


def _list_teams(row: TagChange) -> list[int | None]:
    """For which its decider approves now."""
    given_approvals = list_given_approvals(row)
    assert row.decided_by is not None
    return [team for team in list_approvable_teams(row.decided_by, row) if team not in given_approvals]


def apply(row: TagChange, effects: dict[str, Any], now: datetime) -> tuple[str, ...]:
    row.intent = engine.create_intent(
        kind=Intent.Kind.CLASSIFICATION,
        scope_key=engine.catalog_scope_key(row.catalog_id),
        subject=row.subject,
        wanted=effects["wanted"],
        effects=effects,
        effects_hash=row.effects_hash,
        expires_at=None,
        now=now,
    )
    return ("intent",)


TAG_CHANGE = register(
    DecidedKind(
        name="tag_change",
        model=TagChange,
        verbs=Verbs(
            request="propose_tag_change",
            withdraw="withdraw_tag_change",
            approve="approve_tag_change",
            reject="reject_tag_change",
        ),
        list_visible=list_visible,
        may_decide=may_decide,
        may_withdraw=may_withdraw_tag_change,
        may_approve=may_approve_tag_change,
        may_reject=may_reject_tag_change,
        list_deciders=list_decider_ids,
        lacks_decider=lacks_decider,
        select_for_role=select_for_role,
        get_domain=lambda _row: None,
        lock_first=lambda row: acquire_transaction_lock(AdvisoryLock.TAG_CHANGES, row.catalog_id),
        refresh=refresh,
        check=check,
        build_effects=lambda row: row.effects,
        parts=Parts(is_last=is_last, add=add_approvals),
        apply=apply,
        keeps_withdrawal=True,
        reason_needed=gettext_lazy("Say in one sentence why."),
        states=(
            DecisionState.WAITING,
            DecisionState.APPROVED,
            DecisionState.REJECTED,
            DecisionState.WITHDRAWN,
        ),
        state_words=STATE_WORDS,
        get_status=lambda row, _now: get_status(row),
        statuses=TagChangeStatus.values,
        shown={
            TagChangeStatus.PENDING: ShownState("waiting_for_review"),
            TagChangeStatus.APPLYING: ShownState("applying"),
            TagChangeStatus.APPLIED: ShownState("active"),
            TagChangeStatus.REPLACED: ShownState("ended", "replaced"),
            TagChangeStatus.OUTDATED: ShownState("failed", "effects_changed"),
        },
        texts={
            "propose_tag_change": gettext_lazy(
                "%(actor)s asks you to decide on a change of tags, %(what)s: %(reason)s"
            ),
            "approve_tag_change": gettext_lazy("%(actor)s approved the change of tags %(what)s."),
            "reject_tag_change": gettext_lazy("%(actor)s rejected the change of tags %(what)s: %(reason)s"),
        },
        label=gettext_lazy("tag change"),
        describe_count=lambda n: ngettext("%(n)d tag change", "%(n)d tag changes", n),
        page="tag-change",
        listing="tags",
    )
)
