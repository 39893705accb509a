"""Who may start a campaign, keep or end its lines, and call it off. Only data owners of the owning domain keep a line."""

from datetime import datetime

from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.may import has_platform_role, teams_as
from identity.people.models import Membership, Person, PlatformRole
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.access_reviews.models import Campaign, CampaignLine
from requests_app.access_reviews.states import LineState
from requests_app.grants.may import may_revoke_grant
from requests_app.review.may import may_decide_as_owner


def may_start_campaign(person: Person, domain: Domain | None) -> Verdict:
    """A data owner over their domain; governance over any, as starting one can only take away."""
    if not person.is_active:
        return refused(_("Your profile is deactivated."))
    if has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    owned = teams_as(person, Membership.Role.DATA_OWNER)
    if domain is None and owned:
        return refused(_("Choose a domain of your team."))
    if domain is not None and domain.owner_team_id in owned:
        return ALLOWED
    return refused(_("Only a data owner of the domain or a governance admin can start an access review."))


def may_keep_lines(person: Person, line: CampaignLine) -> Verdict:
    """A data owner of the domain: never who asked, nor the team that asked, nor governance."""
    return may_decide_as_owner(person, line.grant.item)


def may_revoke_lines(person: Person, line: CampaignLine) -> Verdict:
    """The same people as outside of a campaign."""
    return may_revoke_grant(person, line.grant)


def may_call_off_campaign(person: Person, campaign: Campaign) -> Verdict:
    """Whoever started it, while they still may; governance any."""
    started = campaign.started_by_id == person.pk and bool(may_start_campaign(person, campaign.domain))
    governs = person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    if started or governs:
        return ALLOWED
    return refused(_("Only the person who started it or a governance admin can cancel it."))


def may_settle_line(campaign: Campaign, now: datetime) -> Verdict:
    """The clerk's: only time allows it."""
    return (
        ALLOWED if campaign.due_at <= now else refused(_("The access review has not reached its deadline."))
    )


def may_close_campaign(campaign: Campaign, now: datetime) -> Verdict:
    """The clerk's: when it is due and nothing waits."""
    if campaign.lines.filter(state=LineState.OPEN).exists():
        return refused(_("Some items still wait for a decision."))
    return may_settle_line(campaign, now)
