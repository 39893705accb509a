"""Who may request, resume and drop a sync."""

from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_request_sync(person: Person) -> Verdict:
    """Governance admins and stewards, because a sync makes calls in every account."""
    roles = (PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.STEWARD)
    if person.is_active and has_platform_role(person, *roles):
        return ALLOWED
    return refusal("Only governance admins and stewards can start a sync.")


def may_resume_sync(person: Person) -> Verdict:
    """Whoever may request a sync may confirm that the missing tables are deleted."""
    return may_request_sync(person)


def may_drop_sync(person: Person) -> Verdict:
    """Whoever may request a sync may keep the missing tables."""
    return may_request_sync(person)
