"""Who may ask for, see, decide on and end a registration."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import EDITOR_ROLES, is_data_owner, is_editor, list_data_owner_ids
from catalog.products.models import Domain
from catalog.registrations.models import Registration
from identity.people.may import can_read_everything, get_team_ids_with_role, has_platform_role
from identity.people.models import Person, PlatformRole
from identity.role_changes.bars import filter_unbarred, may_decide_row
from kernel.verdicts import ALLOWED, Verdict, refusal


def visible_registrations(person: Person) -> QuerySet[Registration]:
    """Selects registrations of the domains of which the person is a data owner or developer; all for governance admins and auditors."""
    if can_read_everything(person):
        return Registration.objects.all()
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return Registration.objects.filter(Q(domain__owner_team__in=teams) | Q(requested_by=person))


def may_request_registration(person: Person, domain: Domain) -> Verdict:
    """The data owners and developers of the domain's team."""
    if person.is_active and is_editor(person, domain):
        return ALLOWED
    team = {"team": domain.owner_team.name}
    return refusal(_("Only data owners and developers of %(team)s can register its tables.") % team)


def may_withdraw_registration(person: Person, registration: Registration) -> Verdict:
    """Whoever asked for it."""
    if person.is_active and registration.requested_by_id == person.pk:
        return ALLOWED
    return refusal(_("Only the person who requested it can withdraw it."))


def may_except_registration(person: Person, registration: Registration) -> Verdict:
    """A governance admin who did not ask for it."""
    if registration.requested_by_id == person.pk:
        return refusal(_("You requested this registration, so someone else must approve its location."))
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return may_decide_row(person, registration, "exception_by")
    return refusal(_("Only governance admins can approve a location outside the gold location."))


def may_approve_registration(person: Person, registration: Registration) -> Verdict:
    """A data owner of the domain who did not ask for it."""
    if registration.requested_by_id == person.pk:
        return refusal(_("You requested this registration, so another data owner must decide."))
    if person.is_active and is_data_owner(person, registration.domain):
        return may_decide_row(person, registration, "decided_by")
    team = {"team": registration.domain.owner_team.name}
    return refusal(_("Only data owners of %(team)s can decide on it.") % team)


def may_reject_registration(person: Person, registration: Registration) -> Verdict:
    """Whoever may approve it."""
    return may_approve_registration(person, registration)


def may_end_registration(person: Person, registration: Registration) -> Verdict:
    """A data owner of the domain."""
    if person.is_active and is_data_owner(person, registration.domain):
        return ALLOWED
    return refusal(
        _("Only data owners of %(team)s can end it.") % {"team": registration.domain.owner_team.name}
    )


def list_deciders(registration: Registration) -> list[int]:
    """Ids of the people whose turn it is: the governance admins while the location awaits them, else the domain's data owners."""
    if registration.awaits_exception:
        admins = PlatformRole.objects.filter(role=PlatformRole.Role.GOVERNANCE_ADMIN)
        people = Person.objects.filter(is_active=True, pk__in=admins.values("person"))
        others = people.exclude(pk=registration.requested_by_id).values_list("pk", flat=True)
        return filter_unbarred(list(others), registration, "exception_by")
    owners = list_data_owner_ids(registration.domain, without=registration.requested_by_id)
    return filter_unbarred(owners, registration, "decided_by")
