"""Who may choose the link naming of an account: its own admins, and governance admins."""

from django.utils.translation import gettext as _

from identity.accounts import Account
from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.grants.subgrants.may import is_account_admin


def may_choose_link_naming(person: Person, account: Account) -> Verdict:
    """Names inside of an account are its own; nobody sees more or less by them."""
    is_governance = person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    if is_governance or is_account_admin(person, account):
        return ALLOWED
    words = {"account": account.name}
    return refusal(_("Only admins of %(account)s can choose how granted tables appear there.") % words)
