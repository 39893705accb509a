"""Who may see, revoke and expire grants, warn of their end, and name the owner of a service role."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct
from identity.accounts import Account
from identity.people.may import can_read_everything, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.may import may_act_as_data_owner, may_view_item
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.grants.subgrants.may import may_create_local_group


def may_view_grant(person: Person, grant: Grant) -> Verdict:
    return may_view_item(person, grant.item)


def may_revoke_grant(person: Person, grant: Grant) -> Verdict:
    """The producer's data owners, whoever asked, the consuming account's admins, governance admins."""
    item = grant.item
    allowed = person.is_active and (
        person.pk in {item.requester_id, item.request.taken_over_by_id}
        or bool(may_act_as_data_owner(person, item))
        or grant.principal.account.team_id in get_team_ids_with_role(person, Membership.Role.ACCOUNT_ADMIN)
        or has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    )
    if allowed:
        return ALLOWED
    return refusal(_("Only data owners and the requester can end this access."))


def may_revoke_grants(person: Person, grant: Grant) -> Verdict:
    """Answers for several grants as for each: the same people."""
    return may_revoke_grant(person, grant)


def may_expire_grant(grant: Grant, now: datetime) -> Verdict:
    """The engine's: only time allows it."""
    return ALLOWED if grant.ends_at <= now else refusal(_("The grant has not reached its end."))


def may_view_holders(person: Person, product: DataProduct) -> Verdict:
    """Who answers for the product, or reads the whole mesh, sees what is held besides its grants."""
    if product.domain.owner_team_id in get_team_ids_with_role(
        person, Membership.Role.DATA_OWNER
    ) or can_read_everything(person):
        return ALLOWED
    return refusal(_("Only data owners can see what is held outside the portal."))


def may_name_responsible_person(person: Person, account: Account) -> Verdict:
    """The account's admins, as with all that lies in their account."""
    return may_create_local_group(person, account)


WARNING_SHARE = 4
"""Of the whole time, the last quarter: what is given for hours is not warned of as it begins."""


def may_warn_expiry(grant: Grant, now: datetime) -> Verdict:
    """The engine's: live, and within the days of warning, or the last quarter of a shorter time."""
    ahead = min(timedelta(days=settings.WARN_DAYS), (grant.ends_at - grant.granted_at) / WARNING_SHARE)
    if grant.state == GrantState.LIVE and now < grant.ends_at <= now + ahead:
        return ALLOWED
    return refusal(_("The grant does not end soon."))
