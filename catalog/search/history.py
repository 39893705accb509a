"""What a person searched for last, and what they saved: theirs alone."""

from dataclasses import dataclass

from catalog.prepared_statements import prepared
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from identity.people.models import Person

MOST_RECENT = 10
MOST_SAVED = 100
TYPING = 60
"""Seconds within which a search that begins like the last one is the same search, typed on."""

# One search stays of those that were made while it was being typed.
_REMEMBER = f"""
WITH kept AS (
  INSERT INTO catalog_recentsearch (person_id, querystring, text, made_at)
  VALUES (%(person)s, %(querystring)s, %(text)s, meshmarket_now())
  ON CONFLICT (person_id, querystring) DO UPDATE SET made_at = excluded.made_at
)
DELETE FROM catalog_recentsearch old WHERE old.person_id = %(person)s AND old.querystring <> %(querystring)s AND (
  (old.made_at > meshmarket_now() - interval '{TYPING} s'
    AND (starts_with(%(text)s, old.text) OR starts_with(old.text, %(text)s)))
  OR old.id IN (SELECT id FROM catalog_recentsearch WHERE person_id = %(person)s AND querystring <> %(querystring)s
    ORDER BY made_at DESC, id DESC OFFSET {MOST_RECENT - 1}))"""  # noqa: S608

_SAVED = (
    "SELECT name FROM catalog_savedsearch WHERE person_id = %s AND querystring = %s ORDER BY name LIMIT 1"
)


@dataclass(frozen=True)
class Recalled:
    """What is offered in an empty search box: newest first, and by name."""

    recent: tuple[RecentSearch, ...]
    saved: tuple[SavedSearch, ...]


def remember(person: Person, query: SearchQuery) -> None:
    """Keep a search with a text as the person's last one; a search by facets alone is none."""
    if not query.text:
        return
    given: dict[str, int | str] = {
        "person": person.pk,
        "querystring": query.to_querystring(),
        "text": query.text,
    }
    with prepared() as cursor:
        cursor.execute(_REMEMBER, given)


def recalled(person: Person) -> Recalled:
    return Recalled(
        recent=tuple(RecentSearch.objects.filter(person=person)[:MOST_RECENT]),
        saved=tuple(SavedSearch.objects.filter(person=person)),
    )


def saved_as(person: Person, querystring: str) -> str:
    """The person's own name for this search, if they gave it one; else empty."""
    with prepared() as cursor:
        cursor.execute(_SAVED, [person.pk, querystring])
        found = cursor.fetchone()
    return found[0] if found else ""
