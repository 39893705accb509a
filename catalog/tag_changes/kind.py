"""Tag changes as a kind of decision: a data owner of each team approves, or a governance admin."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from catalog.tag_changes.may import (
    list_approvable_teams,
    list_decider_ids,
    list_given_approvals,
    list_needed_approvals,
)
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.queries import describe_tag_change, list_tag_changes
from catalog.tag_changes.states import TagChangeState
from decisions.kinds import Kind, register
from identity.people.models import Membership, Person, PlatformRole


def list_visible(person: Person) -> QuerySet[TagChange]:
    return list_tag_changes(person).prefetch_related("approvals")


def may_decide(person: Person, change: TagChange) -> bool:
    """False for those whose side has approved the present effects."""
    approvals = [one for one in change.approvals.all() if one.effects_hash == change.effects_hash]
    return not {one.team_id for one in approvals}.issuperset(list_approvable_teams(person, change))


def select_for_role(role: str, team: Any) -> Q | None:
    if team is not None and role == Membership.Role.DATA_OWNER:
        return Q(effects__teams__contains=[team.pk])
    if team is None and role == PlatformRole.Role.GOVERNANCE_ADMIN:
        return Q(effects__teams=[]) | ~Q(definitions=[])
    return None


def lacks_decider(change: TagChange) -> bool:
    given = list_given_approvals(change)
    missing = [team for team in list_needed_approvals(change) if team not in given]
    people = Person.objects.filter(pk__in=list_decider_ids(change))
    held = set(
        Membership.objects.filter(person__in=people, role=Membership.Role.DATA_OWNER).values_list(
            "team", flat=True
        )
    )
    governs = PlatformRole.objects.filter(person__in=people, role=PlatformRole.Role.GOVERNANCE_ADMIN).exists()
    return any(not governs if team is None else team not in held for team in missing)


TAG_CHANGE = register(
    Kind(
        name="tag_change",
        model=TagChange,
        waits=Q(state=TagChangeState.PENDING),
        list_visible=list_visible,
        may_decide=may_decide,
        list_deciders=list_decider_ids,
        lacks_decider=lacks_decider,
        select_for_role=select_for_role,
        get_domain=lambda _row: None,
        describe=describe_tag_change,
        describe_count=lambda n: ngettext("%(n)d tag change", "%(n)d tag changes", n),
        page="tag-change",
        listing="tags",
    )
)
