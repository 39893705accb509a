"""Apply a role change to its row.

Other packages add their kinds to `ROW_HANDLERS` when their applications are ready.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model

from identity.accounts import Account, set_account_roles
from identity.people.events import record_by_person
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.models import RoleChange
from identity.role_changes.states import RoleChangeKind


@dataclass(frozen=True)
class RowHandler:
    """The model of a kind, and a function to call with the row's id after the change."""

    model: type[Model]
    after_change: Callable[[int], object] | None = None


ROW_HANDLERS: dict[str, RowHandler] = {
    RoleChangeKind.ADMINISTRATION: RowHandler(Person),
    RoleChangeKind.ACCOUNT: RowHandler(Account),
}


ROLE_KINDS = frozenset(
    {RoleChangeKind.MEMBERSHIP, RoleChangeKind.PLATFORM_ROLE, RoleChangeKind.ADMINISTRATION}
)


def is_unchanged_since_proposal(change: RoleChange) -> bool:
    """Whether the row still has the values that it had when the change was proposed."""
    if change.kind in ROW_HANDLERS:
        found = ROW_HANDLERS[change.kind].model._base_manager.filter(pk=change.row_id).values(*change.before)  # noqa: SLF001
        return bool((found.first() or {}) == change.before)
    model: Any = Membership if change.kind == RoleChangeKind.MEMBERSHIP else PlatformRole
    of_team = {"team_id": change.team_id} if change.kind == RoleChangeKind.MEMBERSHIP else {}
    role_lookup = {"person_id": change.person_id, "role": change.role, **of_team}
    return bool(model.objects.filter(**role_lookup).exists() == change.before["held"])


def apply_role_change(change: RoleChange) -> None:
    """Write the rows, in the transaction that confirms the change. A database function writes those that the web may not; it
    demands the event of the confirmation.
    """
    if change.kind == RoleChangeKind.ACCOUNT:
        # Its team is saved; by which roles the workers act in it is written by the database's own function.
        account = Account.objects.get(pk=change.row_id or 0)
        for name, value in change.wanted.items():
            setattr(account, name, value)
        account.save()
        if Account.INSERT_ONLY_COLUMNS & set(change.wanted):
            person, now = change.decided_by or change.requested_by, change.decided_at or change.requested_at
            data = {"fields": sorted(change.wanted), "role_change": change.pk}
            event = record_by_person("change_account", person, f"account:{account.pk}", data, now)
            set_account_roles(account, event)
    elif change.kind in ROLE_KINDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT identity_apply_role_change(%s)", [change.pk])
    elif change.kind in ROW_HANDLERS:
        rows = ROW_HANDLERS[change.kind]
        rows.model._base_manager.filter(pk=change.row_id).update(**change.wanted)  # noqa: SLF001 - documented by Django
        if rows.after_change is not None and change.row_id is not None:
            rows.after_change(change.row_id)
