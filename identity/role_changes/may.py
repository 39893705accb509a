"""Who may propose, confirm, reject and withdraw role changes."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from identity.role_changes.bars import filter_unbarred, may_decide_row
from identity.role_changes.models import RoleChange
from kernel.verdicts import ALLOWED, Verdict, refusal


def is_governor(person: Person) -> bool:
    """Superusers and governance admins, while their account is open."""
    return person.is_active and (
        person.is_superuser or has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    )


def list_governors() -> QuerySet[Person]:
    """People for whom `is_governor` is true."""
    governs = Q(is_superuser=True) | Q(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN)
    return Person.objects.filter(governs, is_active=True).distinct()


def may_propose_role_change(person: Person) -> Verdict:
    if is_governor(person):
        return ALLOWED
    return refusal(_("Only a governor (a superuser or a governance admin) can change roles."))


def may_confirm_role_change(person: Person, change: RoleChange) -> Verdict:
    """Another governor than who proposed it, not the person whom it concerns, and nobody whom a recent change bars."""
    if not is_governor(person):
        return may_propose_role_change(person)
    if person.pk == change.requested_by_id:
        return refusal(_("You proposed this. Another governor has to confirm it."))
    if person.pk == change.person_id:
        return refusal(_("This concerns you. Another governor has to confirm it."))
    return may_decide_row(person, change, "decided_by")


def list_deciders(change: RoleChange) -> list[int]:
    """Ids of the governors who may confirm it."""
    others = list_governors().exclude(pk__in=[change.requested_by_id, change.person_id or 0])
    return filter_unbarred(list(others.values_list("pk", flat=True)), change, "decided_by")


def may_reject_role_change(person: Person, change: RoleChange) -> Verdict:
    """Every governor but the proposer, who withdraws it."""
    if not is_governor(person):
        return may_propose_role_change(person)
    if person.pk == change.requested_by_id:
        return refusal(_("You proposed this. Withdraw it instead."))
    return ALLOWED


def may_withdraw_role_change(person: Person, change: RoleChange) -> Verdict:
    if person.is_active and person.pk == change.requested_by_id:
        return ALLOWED
    return refusal(_("Only the governor who proposed this can withdraw it."))


def may_see_role_changes(person: Person) -> Verdict:
    """Governors, and auditors."""
    if is_governor(person) or (person.is_active and has_platform_role(person, PlatformRole.Role.AUDITOR)):
        return ALLOWED
    return refusal(_("Only governors and auditors can see role changes."))
