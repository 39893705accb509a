"""Who may deactivate whom, and see what only they decide."""

from django.utils.translation import gettext as _

from identity.people.models import Person
from identity.role_changes.may import is_governor
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_deactivate_person(person: Person, leaver: Person) -> Verdict:
    """A governor: somebody else, and a superuser only if they are one."""
    if not is_governor(person):
        return refusal(_("Only a governor (a superuser or a governance admin) can deactivate people."))
    if person.pk == leaver.pk:
        return refusal(_("You can't deactivate yourself. Another governor has to."))
    if leaver.is_superuser and not person.is_superuser:
        return refusal(_("Only a superuser can deactivate a superuser."))
    return ALLOWED
