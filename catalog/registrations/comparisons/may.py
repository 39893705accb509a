"""Who may have a registered table compared with its source."""

from django.utils.translation import gettext as _

from catalog.products.may import is_editor
from catalog.registrations.models import Registration
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_request_comparison(person: Person, registration: Registration) -> Verdict:
    """The data owners and developers of the domain's team, as the query is at the cost of their account."""
    if person.is_active and is_editor(person, registration.domain):
        return ALLOWED
    team = {"team": registration.domain.owner_team.name}
    return refusal(_("Only data owners and developers of %(team)s can compare its tables.") % team)
