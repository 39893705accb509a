"""What is written when somebody comes to answer for a service role: inside of a verb, which has authorised."""

from datetime import datetime
from typing import Any

from audit.actions import record
from identity.accounts.models import Principal
from identity.people.models import Person
from requests_app.service_roles.roles import service_roles


def answer_for(role: Principal, person: Person, now: datetime) -> None:
    """Whoever asks for a service role for which nobody answers, does from then on. Inside of the verb that asks; `role`
    then has who answers for it.
    """
    if not role.services:
        return
    locked = service_roles(role.account).select_for_update(of=("self",)).filter(pk=role.pk).first()
    if locked is None:
        return
    if locked.living_owner is None:
        actor, data = f"person:{person.pk}", name(locked, person)
        record(verb="name_owner", actor=actor, subject=f"principal:{role.pk}", data=data, now=now)
    role.owner = locked.owner


def name(role: Principal, person: Person) -> dict[str, Any]:
    """Of a role under lock; returns what the record says of it."""
    role.owner = person
    role.save(update_fields=["owner"])
    team = role.account.team.name
    return {"people": [person.pk], "what": role.name, "team": team, "services": role.services}
