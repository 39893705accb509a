"""What nobody can decide: roles that nobody active holds, and rows on which nobody who is active may decide."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _

from catalog.derivation.may import list_deciders as list_derivation_deciders
from catalog.derivation.models import DerivationRequest
from catalog.derivation.states import DerivationState
from catalog.products.models import Domain
from catalog.registrations.may import list_deciders as list_registration_deciders
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.may import list_deciders as list_schema_update_deciders
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.states import SchemaUpdateState
from catalog.registrations.states import RegistrationState
from catalog.tag_changes.may import list_decider_ids, list_given_approvals, list_needed_approvals
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.states import TagChangeState
from identity.people.models import Membership, Person, PlatformRole, Team
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
from requests_app.write_access.may import list_deciders as list_write_deciders
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.states import WriteRequestState


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
    """Of teams that own a domain, the data owner; a lead, a steward or a privacy officer for whom requests wait; governance
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
    is_undecided = _IS_UNDECIDED.get(type(subject))
    if is_undecided is None or not is_undecided(subject):
        return ""
    if isinstance(subject, RequestItem):
        return explain_missing_deciders(subject)
    domain: Domain | None
    if isinstance(subject, SchemaUpdate):
        domain = subject.registration.domain
    elif isinstance(subject, BreakGlassSession):
        domain = subject.consent.domain
    else:
        domain = subject if isinstance(subject, Domain) else getattr(subject, "domain", None)
    return explain_missing_owners(domain)


def _is_tag_change_undecided(change: TagChange) -> bool:
    if change.state != TagChangeState.PENDING:
        return False
    given = list_given_approvals(change)
    missing = [team for team in list_needed_approvals(change) if team not in given]
    people = Person.objects.filter(pk__in=list_decider_ids(change))
    held = set(
        Membership.objects.filter(person__in=people, role=Membership.Role.DATA_OWNER).values_list(
            "team", flat=True
        )
    )
    governs = PlatformRole.objects.filter(person__in=people, role=PlatformRole.Role.GOVERNANCE_ADMIN).exists()
    return any(not governs if team is None else team not in held for team in missing)


_IS_UNDECIDED: dict[type[Model], Callable[[Any], bool]] = {
    Domain: lambda row: is_without_owner(row.owner_team),
    RequestItem: lambda _row: True,
    Registration: lambda row: (
        row.state == RegistrationState.REQUESTED and not list_registration_deciders(row)
    ),
    SchemaUpdate: lambda row: (
        row.state == SchemaUpdateState.PROPOSED and row.is_breaking and not list_schema_update_deciders(row)
    ),
    WriteRequest: lambda row: row.state == WriteRequestState.REQUESTED and not list_write_deciders(row),
    DerivationRequest: lambda row: row.state == DerivationState.WAITING and not list_derivation_deciders(row),
    TagChange: _is_tag_change_undecided,
    BreakGlassSession: lambda row: row.state == BreakGlassState.CONFIRMED and not list_reviewers(row),
}
