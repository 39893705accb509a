"""Who may manage webhooks, test them and send deliveries again: governance admins."""

from django.utils.translation import gettext as _

from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_redeliver(person: Person) -> Verdict:
    return _may_manage_webhooks(person)


def may_change_secret(person: Person) -> Verdict:
    return _may_manage_webhooks(person)


def may_save_webhook(person: Person) -> Verdict:
    return _may_manage_webhooks(person)


def may_test_webhook(person: Person) -> Verdict:
    return _may_manage_webhooks(person)


def sees_webhooks(person: Person) -> bool:
    """Whether the page of webhooks opens for the person."""
    return bool(_may_manage_webhooks(person))


def _may_manage_webhooks(person: Person) -> Verdict:
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    return refusal(_("Only governance admins can manage webhooks."))
