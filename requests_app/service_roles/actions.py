"""The verb by which an account's admins say who answers for a service role."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from identity.accounts.models import Principal
from identity.errors import NotFoundError, RefusedError, demand
from identity.people.models import Person
from requests_app.passing_on.offered import account_for
from requests_app.service_roles.answering import name
from requests_app.service_roles.may import may_name_owner
from requests_app.service_roles.roles import candidates, service_roles


@transaction.atomic(durable=True)
def name_owner(
    *, acting_user: Person, account_id: str, principal_id: int, person_id: int, now: datetime
) -> Principal:
    """Have a person of the account's team answer for a role that services take on, in place of whoever does.

    Raises NotFoundError, ForbiddenError, RefusedError for somebody else, or who does already.
    """
    account = account_for(acting_user, account_id)
    demand(may_name_owner(acting_user, account))
    role = service_roles(account).select_for_update(of=("self",)).filter(pk=principal_id).first()
    if role is None:
        raise NotFoundError
    person = candidates(account).filter(pk=person_id).first()
    if person is None:
        said = _("Choose somebody of %(team)s.") % {"team": account.team.name}
        raise RefusedError(said, "person")
    if role.living_owner == person:
        raise RefusedError(_("It is so already."), "person")
    actor, data = f"person:{acting_user.pk}", name(role, person)
    record(verb="name_owner", actor=actor, subject=f"principal:{role.pk}", data=data, now=now)
    return role
