"""Who may choose notification frequencies: everyone for themselves."""

from django.utils.translation import gettext as _

from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_choose_frequencies(person: Person) -> Verdict:
    return ALLOWED if person.is_active else refusal(_("Your profile is deactivated."))
