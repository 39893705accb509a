"""Whose requests or access a list shows: one's own, or all that one may see."""

from dataclasses import dataclass

from django.http import QueryDict

from identity.people.may import is_auditor, sees_everything
from identity.people.models import Person

MINE, ALL = "mine", "all"


@dataclass(frozen=True)
class Whose:
    """`is_offered`: the person reads everything, and may choose; `is_all`: what is shown now."""

    is_offered: bool
    is_all: bool

    @property
    def value(self) -> str:
        return ALL if self.is_all else MINE


def whose_in(query: QueryDict, person: Person) -> Whose:
    """As the page's address says. An auditor sees all unless it says otherwise, a governance admin their own."""
    if not sees_everything(person):
        return Whose(is_offered=False, is_all=False)
    return Whose(is_offered=True, is_all=query.get("whose", usual_for(person)) == ALL)


def usual_for(person: Person) -> str:
    """What a list shows when nothing is said."""
    return ALL if is_auditor(person) else MINE
