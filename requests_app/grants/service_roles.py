"""Service roles of an account, and who answers for each."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from identity.accounts import Account, Principal
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from requests_app.grants.may import may_name_responsible_person
from requests_app.grants.subgrants.queries import get_account


def list_service_roles(account: Account) -> QuerySet[Principal]:
    """Lists the roles that are there, by name; not the portal's own."""
    living = Principal.objects.filter(account=account, gone_at=None, is_portal=False).exclude(services=[])
    return living.select_related("account__team", "owner").order_by("name")


def list_responsible_person_candidates(account: Account) -> QuerySet[Person]:
    """People of the account's team, by name."""
    return Person.objects.filter(is_active=True, teams=account.team_id).distinct().order_by("name")


def claim_service_role(role: Principal, person: Person, now: datetime) -> None:
    """Make the requester the responsible person of a service role that has none, and set it on `role`. Part of the
    requesting transaction.
    """
    if not role.services:
        return
    locked = list_service_roles(role.account).select_for_update(of=("self",)).filter(pk=role.pk).first()
    if locked is None:
        return
    if locked.active_responsible_person is None:
        data = set_responsible_person(locked, person)
        record_by_person("name_responsible_person", person, f"principal:{role.pk}", data, now)
    role.owner = locked.owner


def set_responsible_person(role: Principal, person: Person) -> dict[str, Any]:
    """`role` is under lock; returns what the record says of it."""
    role.owner = person
    role.save(update_fields=["owner"])
    team = role.account.team.name
    return {"people": [person.pk], "what": role.name, "team": team, "services": role.services}


@transaction.atomic(durable=True)
def name_responsible_person(
    *, acting_user: Person, account_id: str, principal_id: int, person_id: int, now: datetime
) -> Principal:
    """Have a person of the account's team answer for a role that services take on, in place of whoever does.

    Raises NotFoundError, ForbiddenError, RefusedError for somebody else, or who does already.
    """
    account = get_account(acting_user, account_id)
    require_allowed(may_name_responsible_person(acting_user, account))
    role = list_service_roles(account).select_for_update(of=("self",)).filter(pk=principal_id).first()
    if role is None:
        raise NotFoundError
    person = list_responsible_person_candidates(account).filter(pk=person_id).first()
    if person is None:
        message = _("Choose someone from %(team)s.") % {"team": account.team.name}
        raise RefusedError(message, "person")
    if role.active_responsible_person == person:
        raise RefusedError(_("This is already the setting."), "person")
    data = set_responsible_person(role, person)
    record_by_person("name_responsible_person", acting_user, f"principal:{role.pk}", data, now)
    return role
