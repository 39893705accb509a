"""Who may make, see and revoke service tokens, and whether one may be used."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role
from identity.people.models import Membership, Person, Team
from identity.role_changes.may import is_governor
from identity.service_tokens.models import ServiceToken
from kernel.verdicts import ALLOWED, Verdict, refusal

MANAGING_ROLES = (Membership.Role.DATA_OWNER, Membership.Role.ACCOUNT_ADMIN)


def token_teams(person: Person) -> QuerySet[Team]:
    """Teams for which the person may make tokens, by name."""
    return Team.objects.filter(pk__in=get_team_ids_with_role(person, *MANAGING_ROLES)).order_by("name", "pk")


def may_create_service_token(person: Person, team: Team) -> Verdict:
    """Data owners and account admins of the team."""
    if person.is_active and team.pk in get_team_ids_with_role(person, *MANAGING_ROLES):
        return ALLOWED
    words = {"team": team.name}
    return refusal(_("Only data owners and account admins of %(team)s can create its tokens.") % words)


def may_revoke_service_token(person: Person, token: ServiceToken) -> Verdict:
    """Whoever may make one for the team, and governors."""
    if may_create_service_token(person, token.team) or is_governor(person):
        return ALLOWED
    words = {"team": token.team.name}
    return refusal(
        _("Only data owners and account admins of %(team)s, and governance admins, can revoke this token.")
        % words
    )


def may_use_service_token(token: ServiceToken, now: datetime) -> bool:
    """A token ends when who created it leaves the team or is deactivated."""
    creator = token.created_by
    return token.is_active(now) and creator.is_active and token.team_id in get_team_ids(creator)


def visible_service_tokens(person: Person) -> QuerySet[ServiceToken]:
    """Those of the person's teams; all for governance admins and auditors."""
    if can_read_everything(person):
        return ServiceToken.objects.all()
    return ServiceToken.objects.filter(team__in=get_team_ids(person))


def sees_tokens(person: Person) -> bool:
    """Whether the page of tokens concerns the person."""
    return can_read_everything(person) or bool(get_team_ids_with_role(person, *MANAGING_ROLES))
