"""Whether a list shows only the person's own entries or all that the person may see."""

from dataclasses import dataclass

from django.http import QueryDict

from identity.people.may import can_read_everything, is_auditor
from identity.people.models import Person

MINE, ALL = "mine", "all"


@dataclass(frozen=True)
class ListScope:
    """`is_selectable`: the person may see everything and may choose; `is_all`: the current choice."""

    is_selectable: bool
    is_all: bool

    @property
    def value(self) -> str:
        return ALL if self.is_all else MINE


def get_list_scope(query: QueryDict, person: Person) -> ListScope:
    """From `whose` in the query string."""
    if not can_read_everything(person):
        return ListScope(is_selectable=False, is_all=False)
    return ListScope(is_selectable=True, is_all=query.get("whose", get_default_scope(person)) == ALL)


def get_default_scope(person: Person) -> str:
    """All for auditors, otherwise their own."""
    return ALL if is_auditor(person) else MINE
