"""People named in a body: by id or e-mail."""

from django.db.models import QuerySet

from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.fields import LARGEST


def person_in(people: QuerySet[Person], said: str, member: str, refusal: str) -> Person:
    """Returns one of these people. RefusedError, with its words, for anybody else."""
    if "@" in said:
        found = people.filter(email=said).first()
    else:
        known = (
            said.isascii() and said.isdecimal() and len(said) <= len(str(LARGEST)) and int(said) <= LARGEST
        )
        found = people.filter(pk=int(said)).first() if known else None
    if found is None:
        raise RefusedError(refusal, member)
    return found
