"""What a role change does to which row, once it is in effect.

Packages above add the kinds whose rows are theirs: `ROWS` is filled when their applications are ready.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from identity.accounts.engine_roles import set_account_roles
from identity.accounts.models import Account
from identity.people.events import record_by_person
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.models import RoleChange
from identity.role_changes.states import RoleChangeKind


@dataclass(frozen=True)
class Rows:
    """The rows of a kind, and what has to follow once one of them was changed."""

    model: type[Model]
    after: Callable[[int], object] | None = None


ROWS: dict[str, Rows] = {
    RoleChangeKind.ADMINISTRATION: Rows(Person),
    RoleChangeKind.ACCOUNT: Rows(Account),
}


def is_as_before(change: RoleChange) -> bool:
    """Whether what it changes is still what it was when the change was proposed."""
    if change.kind in ROWS:
        return bool(_values(change) == change.before)
    return bool(_held(change).exists() == change.before["held"])


def put_in_effect(change: RoleChange) -> None:
    """Writes the rows. Within the transaction that confirms it."""
    if change.kind == RoleChangeKind.ACCOUNT:
        _change_account(change)
    elif change.kind in ROWS:
        rows = ROWS[change.kind]
        rows.model._base_manager.filter(pk=change.row_id).update(**change.wanted)  # noqa: SLF001 - documented by Django
        if rows.after is not None and change.row_id is not None:
            rows.after(change.row_id)
    elif change.wanted["held"]:
        _held(change).get_or_create(**_key(change))
    else:
        _held(change).delete()


def _change_account(change: RoleChange) -> None:
    """Its team is saved; by which roles the workers act in it is written by the database's own function."""
    account = Account.objects.get(pk=change.row_id or 0)
    for name, value in change.wanted.items():
        setattr(account, name, value)
    account.save()
    if Account.KEPT_COLUMNS & set(change.wanted):
        person, now = change.decided_by or change.proposed_by, change.decided_at or change.proposed_at
        data = {"fields": sorted(change.wanted), "role_change": change.pk}
        event = record_by_person("change_account", person, f"account:{account.pk}", data, now)
        set_account_roles(account, event)


def _values(change: RoleChange) -> Mapping[str, Any]:
    found = ROWS[change.kind].model._base_manager.filter(pk=change.row_id).values(*change.before)  # noqa: SLF001
    return found.first() or {}


def _held(change: RoleChange) -> Any:
    model: Any = Membership if change.kind == RoleChangeKind.MEMBERSHIP else PlatformRole
    return model.objects.filter(**_key(change))


def _key(change: RoleChange) -> dict[str, Any]:
    of_team = {"team_id": change.team_id} if change.kind == RoleChangeKind.MEMBERSHIP else {}
    return {"person_id": change.person_id, "role": change.role, **of_team}
