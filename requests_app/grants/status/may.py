"""Who may have the workers check a grant again, or run a test query as its role."""

from django.utils.translation import gettext as _

from identity.people.may import get_team_ids, has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.may import get_item_domain, get_requesting_team_ids
from requests_app.grants.models import Grant


def may_run_test_query(person: Person, grant: Grant) -> Verdict:
    """The parties to the grant. The query reads as the role and is paid by its account, so reading the mesh is not enough."""
    if _is_party(person, grant):
        return ALLOWED
    return refusal(_("Only the teams that requested this access or own the data can run a test query."))


def may_check_grant(person: Person, grant: Grant) -> Verdict:
    """The parties to the grant, and governance admins. An auditor starts nothing."""
    if _is_party(person, grant) or has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    return refusal(
        _(
            "Only the teams that requested this access or own the data, and governance admins, can start a check."
        )
    )


def _is_party(person: Person, grant: Grant) -> bool:
    """Whether they requested it, or belong to a requesting team or the team that owns the data."""
    teams, domain = get_team_ids(person), get_item_domain(grant.item)
    owners = {domain.owner_team_id} if domain else set()
    return grant.item.requester_id == person.pk or bool(
        teams & (get_requesting_team_ids(grant.item) | owners)
    )
