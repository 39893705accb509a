"""Local groups of an account, their members, and what is passed on to them.

Each action is one transaction: authorise, lock, write, record.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from identity.accounts import Account, LocalGroup, LocalMember, Principal, named_arn
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from lakeformation.values.arn import is_directory_principal
from requests_app.access_requests.locks import lock_local_groups
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.execution import apply_plan
from requests_app.grants.subgrants.intents import create_subgrant_intents, end_subgrant_intents, end_subgrants
from requests_app.grants.subgrants.may import (
    may_add_local_group_member,
    may_create_local_group,
    may_delete_local_group,
    may_pass_on,
    may_remove_local_group_member,
)
from requests_app.grants.subgrants.models import Subgrant, SubgrantIntent
from requests_app.grants.subgrants.plans import SubgrantChoices, SubgrantPlan, build_subgrant_plan
from requests_app.grants.subgrants.queries import get_account

MAX_NAME_LENGTH = 80


@transaction.atomic(durable=True)
def create_local_group(*, acting_user: Person, account_id: str, name: str, now: datetime) -> LocalGroup:
    """A group without members, which sees nothing yet. NotFoundError, ForbiddenError, RefusedError."""
    account = _get_locked_account(acting_user, account_id)
    require_allowed(may_create_local_group(acting_user, account))
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise RefusedError(_("Use a name of 1 to %(most)s characters.") % {"most": MAX_NAME_LENGTH}, "name")
    if account.local_groups.filter(name__iexact=name, ended_at=None).exists():
        raise RefusedError(_("A local group with this name already exists."), "name")
    group = LocalGroup.objects.create(account=account, name=name, created_by=acting_user, created_at=now)
    record_by_person(
        "create_local_group",
        acting_user,
        f"account:{account.account_id}",
        {"group": group.pk, "name": name},
        now,
    )
    return group


@transaction.atomic(durable=True)
def delete_local_group(*, acting_user: Person, account_id: str, group_id: int, now: datetime) -> LocalGroup:
    """Nobody reads by it any more. NotFoundError, ForbiddenError."""
    account, group = _get_locked_group(acting_user, account_id, group_id)
    require_allowed(may_delete_local_group(acting_user, account))
    ended = end_subgrants(_list_live_subgrants(group), acting_user, now)
    group.members.filter(removed_at=None).update(removed_at=now)
    group.ended_at = now
    group.save(update_fields=["ended_at"])
    record_by_person(
        "delete_local_group",
        acting_user,
        f"account:{account.account_id}",
        {"group": group.pk, "ended": ended},
        now,
    )
    return group


@transaction.atomic(durable=True)
def add_local_group_member(
    *, acting_user: Person, account_id: str, group_id: int, arn: str, now: datetime
) -> LocalMember:
    """Who reads what the group reads, from now on. NotFoundError, ForbiddenError, RefusedError: `arn` names no role
    of the account, and no user or group of a directory.
    """
    account, group = _get_locked_group(acting_user, account_id, group_id)
    require_allowed(may_add_local_group_member(acting_user, account))
    arn = arn.strip()
    arn, unique_id = _find_member(account, arn)
    if group.members.filter(arn=arn, removed_at=None).exists():
        raise RefusedError(_("This is already a member."), "arn")
    member = LocalMember.objects.create(
        group=group, arn=arn, unique_id=unique_id, added_by=acting_user, added_at=now
    )
    for local in _list_live_subgrants(group):
        create_subgrant_intents(local, [member], now)
    record_by_person(
        "add_local_group_member",
        acting_user,
        f"account:{account.account_id}",
        {"group": group.pk, "member": arn},
        now,
    )
    return member


@transaction.atomic(durable=True)
def remove_local_group_member(
    *, acting_user: Person, account_id: str, member_id: int, now: datetime
) -> LocalMember:
    """It reads nothing by the group any more. NotFoundError, ForbiddenError."""
    member = LocalMember.objects.filter(pk=member_id, removed_at=None).first()
    account, group = _get_locked_group(acting_user, account_id, member.group_id if member else 0)
    require_allowed(may_remove_local_group_member(acting_user, account))
    member = LocalMember.objects.filter(pk=member_id, removed_at=None).first()
    if member is None:
        raise NotFoundError
    end_subgrant_intents(SubgrantIntent.objects.filter(member=member, subgrant__ended_at=None), now)
    member.removed_at = now
    member.save(update_fields=["removed_at"])
    record_by_person(
        "remove_local_group_member",
        acting_user,
        f"account:{account.account_id}",
        {"group": group.pk, "member": member.arn},
        now,
    )
    return member


@transaction.atomic(durable=True)
def pass_on(
    *, acting_user: Person, account_id: str, choices: SubgrantChoices, plan_hash: str, now: datetime
) -> SubgrantPlan:
    """Make groups see the chosen classes of the account's grants: exactly the plan that was shown.

    Raises NotFoundError, ForbiddenError, RefusedError when the plan is another by now, or nothing changes.
    """
    account = _get_locked_account(acting_user, account_id)
    require_allowed(may_pass_on(acting_user, account))
    _lock_account_grants(account, {account_grant for _group, account_grant in choices})
    plan = build_subgrant_plan(account, choices, now)
    if plan.compute_hash() != plan_hash:
        raise RefusedError(_("The effects of this change are different from what you saw. Check it again."))
    if not plan.changes:
        raise RefusedError(_("This changes nothing."))
    apply_plan(plan, acting_user, now)
    return plan


def _list_live_subgrants(group: LocalGroup) -> list[Subgrant]:
    """The group's live subgrants, their account grants locked: a revoke of one comes before or after."""
    live = Subgrant.objects.filter(group=group, ended_at=None)
    _lock_account_grants(group.account, set(live.values_list("account_grant", flat=True)))
    found = live.filter(account_grant__state=GrantState.LIVE).select_related(
        "account_grant__intent", "account_grant__table"
    )
    return list(found.order_by("pk"))


def _lock_account_grants(account: Account, keys: set[int]) -> None:
    theirs = Grant.objects.filter(pk__in=keys, principal__account=account)
    list(theirs.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _get_locked_account(person: Person, account_id: str) -> Account:
    """Changes of one account's groups follow each other. NotFoundError."""
    account = get_account(person, account_id)
    lock_local_groups(account.pk)
    return account


def _get_locked_group(person: Person, account_id: str, group_id: int) -> tuple[Account, LocalGroup]:
    account = _get_locked_account(person, account_id)
    group = account.local_groups.filter(pk=group_id, ended_at=None).first()
    if group is None:
        raise NotFoundError
    return account, group


def _find_member(account: Account, arn: str) -> tuple[str, str]:
    """ARN and unique id of a role, as AWS has them, or of a directory's user or group."""
    roles = Principal.objects.filter(named_arn(arn), account=account, gone_at=None)
    role = roles.exclude(arn=F("unique_id")).first()
    if role and role.is_portal:
        raise RefusedError(
            _("%(role)s is one of the portal's own roles. It can't be granted data.") % {"role": role.name},
            "arn",
        )
    if role:
        return role.arn, role.unique_id
    if is_directory_principal(arn, account.account_id):
        return arn, arn
    words = {"account": account.name}
    raise RefusedError(
        _("This is not a role of %(account)s, nor a SAML or Identity Center user or group.") % words,
        "arn",
    )
