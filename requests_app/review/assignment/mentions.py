"""People whom a comment mentions, as in `@Sabine Roth`, and that they are told."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat

from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.access_requests.may import may_view_item
from requests_app.access_requests.models import RequestItem

MAX_MENTIONS = 20
"""In one comment; further ones are not told."""


def tell_mentioned(
    *,
    author: Person,
    subject: str,
    describe: Callable[[], str],
    text: str,
    may_see: Callable[[Person], bool],
    now: datetime,
) -> list[int]:
    """Records whom of those who may see the subject the text mentions, and returns their ids. No query where it has no @."""
    people = [person for person in find_mentioned(text) if person != author and may_see(person)]
    ids = [person.pk for person in people[:MAX_MENTIONS]]
    if ids:
        record_by_person("mention_people", author, subject, {"what": describe(), "people": ids}, now)
    return ids


def tell_mentioned_of_item(author: Person, item: RequestItem, text: str, now: datetime) -> list[int]:
    """In a comment or the reason of a decision."""
    return tell_mentioned(
        author=author,
        subject=f"item:{item.pk}",
        describe=lambda: describe_item(item),
        text=text,
        may_see=lambda person: bool(may_view_item(person, item)),
        now=now,
    )


def describe_item(item: RequestItem) -> str:
    """In any language."""
    return f"{item.product.name if item.product else item.name} · {item.request.team.name}"


def find_mentioned(text: str) -> list[Person]:
    """By name or e-mail. Of names that begin alike, the longest that the text has at that place counts."""
    if "@" not in text:
        return []
    typed = Value(text, output_field=TextField())
    rows = Person.objects.filter(is_active=True).alias(typed=typed, by_name=Concat(Value("@"), "name"))
    rows = rows.alias(by_email=Concat(Value("@"), "email", output_field=TextField()))
    named = Q(typed__icontains=F("by_name")) | Q(typed__icontains=F("by_email"))
    people: list[Person] = list(rows.filter(named).order_by("name", "pk"))
    return [person for person in people if _is_named(person, people, text.casefold())]


def _is_named(person: Person, others: Sequence[Person], text: str) -> bool:
    """Whether the text still names the person without what names somebody whose name begins alike and is longer."""
    name = f"@{person.name}".casefold()
    for other in others:
        longer = f"@{other.name}".casefold()
        if longer != name and longer.startswith(name):
            text = text.replace(longer, "")
    return name in text or f"@{person.email}".casefold() in text
