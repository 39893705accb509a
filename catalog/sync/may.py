"""Who may request, resume and drop a sync."""

from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from identity.verdicts import ALLOWED, Verdict, refused


def may_request_sync(person: Person) -> Verdict:
    """Governance admins and stewards: a reading costs calls in every account."""
    roles = (PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.STEWARD)
    if person.is_active and has_platform_role(person, *roles):
        return ALLOWED
    return refused("Only governance admins and stewards can start a sync.")


def may_resume_sync(person: Person) -> Verdict:
    """Who may ask for a reading may say that what it misses is gone."""
    return may_request_sync(person)


def may_drop_sync(person: Person) -> Verdict:
    """Who may ask for a reading may say that what it misses stays."""
    return may_request_sync(person)
