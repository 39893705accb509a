"""What nobody can decide: roles that nobody active holds, and rows on which nobody who is active may decide."""

from dataclasses import dataclass

from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from decisions.kinds import find_kind
from identity.people.models import Membership, PlatformRole, Team
from identity.role_changes.may import list_governors
from requests_app.access_requests.may import PLATFORM_DECIDER_ROLES
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.break_glass.may import list_reviewers
from requests_app.break_glass.models import BreakGlassSession
from requests_app.break_glass.states import BreakGlassState
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.summary import (
    explain_missing_deciders,
    explain_missing_owners,
    is_without_owner,
)


@dataclass(frozen=True)
class Vacancy:
    """A role that decisions need and nobody active holds. `team` is None for a role across the mesh."""

    role: str
    team: Team | None = None

    @property
    def text(self) -> str:
        if self.team is None:
            return _("There is no active %(role)s.") % {"role": PlatformRole.Role(self.role).label}
        words = {"role": Membership.Role(self.role).label, "team": self.team.name}
        return _("%(team)s has no active %(role)s.") % words


def list_vacancies() -> list[Vacancy]:
    """Lists, for teams that own a domain, the data owner; a lead, a steward or a privacy officer for whom requests wait; governance
    admins. Four queries.
    """
    active = Membership.objects.filter(team=OuterRef("pk"), person__is_active=True)
    of_domains = Team.objects.filter(
        ~Exists(active.filter(role=Membership.Role.DATA_OWNER)), domains__isnull=False
    )
    found = [Vacancy(Membership.Role.DATA_OWNER, team) for team in of_domains.distinct().order_by("name")]
    waiting = RequestItem.objects.filter(state=ItemState.SUBMITTED)
    leads = waiting.filter(waits_for__contains=[DeciderRole.LEAD.value], request__team=OuterRef("pk"))
    led = Team.objects.filter(Exists(leads), ~Exists(active.filter(role=Membership.Role.LEAD)))
    found += [Vacancy(Membership.Role.LEAD, team) for team in led.order_by("name")]
    for role in sorted(PLATFORM_DECIDER_ROLES):
        needed = waiting.filter(waits_for__contains=[role]).exists()
        if needed and not PlatformRole.objects.filter(role=role, person__is_active=True).exists():
            found.append(Vacancy(role))
    if not list_governors().exists():
        found.append(Vacancy(PlatformRole.Role.GOVERNANCE_ADMIN))
    return found


def build_waiting_filter(role: str, team: Team | None) -> Q | None:
    """Open items that wait for whoever holds the role; None for a role that decides on no items."""
    if team is not None and role == Membership.Role.DATA_OWNER:
        return Q(waits_for__contains=[DeciderRole.OWNER.value]) & (
            Q(table__database__domain__owner_team=team)
            | Q(table__database__domain=None, product__domain__owner_team=team)
        )
    if team is not None and role == Membership.Role.LEAD:
        return Q(waits_for__contains=[DeciderRole.LEAD.value], request__team=team)
    if team is None and role in PLATFORM_DECIDER_ROLES:
        return Q(waits_for__contains=[role])
    return None


def explain_nobody_decides(subject: Model) -> str:
    """Why nobody who is active can decide on it now, and who can change that; empty if somebody can, or it does not wait. Of a
    domain: on requests for its data.
    """
    if isinstance(subject, RequestItem):
        return explain_missing_deciders(subject)
    if isinstance(subject, Domain):
        return explain_missing_owners(subject) if is_without_owner(subject.owner_team) else ""
    if isinstance(subject, BreakGlassSession):
        waits = subject.state == BreakGlassState.CONFIRMED
        return explain_missing_owners(subject.consent.domain) if waits and not list_reviewers(subject) else ""
    kind = find_kind(subject)
    return explain_missing_owners(kind.get_domain(subject)) if kind and kind.is_undecidable(subject) else ""
