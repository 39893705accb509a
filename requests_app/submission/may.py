"""Who may submit a request, for tables, a database or LF-Tags, and withdraw an item."""

from django.utils.translation import gettext as _

from identity.accounts import LocalGroup, Principal
from identity.people.may import get_team_ids, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole, Team
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.may import describe_leaver_request
from requests_app.access_requests.models import RequestItem


def may_submit_access_request(
    person: Person, team: Team, principal: Principal, group: LocalGroup | None = None
) -> Verdict:
    """A person requests access for their own teams, and for roles and local groups in accounts of their own teams; for
    such an account as a whole, only its admins do.
    """
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    teams = get_team_ids(person)
    if team.pk not in teams:
        return refusal(_("You are not a member of %(team)s.") % {"team": team.name})
    if principal.account.team_id not in teams:
        return refusal(_("This role belongs to an account of another team. Choose a role of your own teams."))
    if group is not None:
        return _may_ask_for_group(principal, group)
    if principal.is_account and principal.account.team_id not in get_team_ids_with_role(
        person, Membership.Role.ACCOUNT_ADMIN
    ):
        return refusal(
            _(
                "Only an admin of the account can request access for the whole account, because they pass it on."
            )
        )
    return ALLOWED


def _may_ask_for_group(principal: Principal, group: LocalGroup) -> Verdict:
    if principal.is_account and principal.account_id == group.account_id:
        return ALLOWED
    return refusal(
        _("This local group does not belong to the account. Choose a local group of your own teams.")
    )


def may_submit_basket(
    person: Person, team: Team, principal: Principal, group: LocalGroup | None = None
) -> Verdict:
    """As for any request; a basket is found by its person, so that it is nobody else's to send."""
    return may_submit_access_request(person, team, principal, group)


def may_withdraw_item(person: Person, item: RequestItem) -> Verdict:
    """The current requester. If they have left: members of the requesting team, and governance admins."""
    request = item.request
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if person.pk == request.current_requester.pk:
        return ALLOWED
    if request.current_requester.is_active:
        return refusal(_("Only the requester can withdraw this."))
    governs = has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    if governs or request.team_id in get_team_ids(person):
        return ALLOWED
    return refusal(describe_leaver_request(request))


def may_submit_access_request_for_target(person: Person, team: Team, principal: Principal) -> Verdict:
    """As for any request."""
    return may_submit_access_request(person, team, principal)
