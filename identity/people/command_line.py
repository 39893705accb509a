"""The person in whose name a command of the command line acts."""

from django.core.management.base import CommandError

from identity.people.models import Person


def get_acting_person(email: str) -> Person:
    """CommandError if nobody active has this address."""
    person = Person.objects.filter(email=email, is_active=True).first()
    if person is None:
        raise CommandError(f"there is nobody with the e-mail {email}")
    return person
