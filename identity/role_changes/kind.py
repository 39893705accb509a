"""Role changes as a kind of decision."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from decisions.kinds import Kind, register
from identity.people.models import Person, PlatformRole
from identity.role_changes.may import is_governor, list_deciders, may_confirm_role_change
from identity.role_changes.models import RoleChange
from identity.role_changes.queries import list_role_changes
from identity.role_changes.states import RoleChangeState
from kernel.clock import Now


def list_visible(person: Person) -> QuerySet[RoleChange]:
    """None for auditors, who see role changes and decide on none."""
    return list_role_changes(person) if is_governor(person) else RoleChange.objects.none()


def select_for_role(role: str, team: Any) -> Q | None:
    return Q() if team is None and role == PlatformRole.Role.GOVERNANCE_ADMIN else None


ROLE_CHANGE = register(
    Kind(
        name="role_change",
        model=RoleChange,
        waits=Q(state=RoleChangeState.WAITING, expires_at__gt=Now()),
        list_visible=list_visible,
        may_decide=may_confirm_role_change,
        list_deciders=list_deciders,
        select_for_role=select_for_role,
        get_domain=lambda _row: None,
        describe_count=lambda n: ngettext("%(n)d role change", "%(n)d role changes", n),
        listing="role-changes",
        is_for_anyone=True,
    )
)
