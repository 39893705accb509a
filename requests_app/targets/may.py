"""Whether a person can receive access at all."""

from django.utils.translation import gettext as _

from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.targets.recipients import list_requestable_principals


def may_receive_access(person: Person) -> Verdict:
    """Whoever has a role to which access can be granted. One query."""
    if list_requestable_principals(person).exists():
        return ALLOWED
    return refusal(
        _(
            "Access is granted to a role in one of your teams' accounts, and your teams have no role yet. Ask a governance admin to connect your team's account."
        )
    )
