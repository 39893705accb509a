"""Who may connect accounts."""

from django.utils.translation import gettext as _

from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_connect_accounts(person: Person) -> Verdict:
    """Governance admins: an account in the mesh is an account that the workers may act in."""
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    return refusal(_("Only governance admins can connect accounts."))
