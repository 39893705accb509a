"""A person's last searches and saved searches. Nobody else sees them."""

from dataclasses import dataclass

from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from identity.people.models import Person
from kernel.sql import prepared_cursor

MAX_RECENT = 10
MAX_SAVED = 100
TYPING = 60
"""Seconds within which a search whose text continues the last one replaces it."""

_RECORD = f"""
WITH recorded AS (
  INSERT INTO catalog_recentsearch AS earlier (person_id, querystring, text, created_at, found_nothing)
  VALUES (%(person)s, %(querystring)s, %(text)s, meshmarket_now(), %(found_nothing)s)
  ON CONFLICT (person_id, querystring) DO UPDATE SET created_at = excluded.created_at,
    found_nothing = excluded.found_nothing
      AND (earlier.found_nothing OR earlier.created_at::date <> excluded.created_at::date)
)
DELETE FROM catalog_recentsearch old WHERE old.person_id = %(person)s AND old.querystring <> %(querystring)s AND (
  (old.created_at > meshmarket_now() - interval '{TYPING} s'
    AND (starts_with(%(text)s, old.text) OR starts_with(old.text, %(text)s)))
  OR old.id IN (SELECT id FROM catalog_recentsearch WHERE person_id = %(person)s AND querystring <> %(querystring)s
    ORDER BY created_at DESC, id DESC OFFSET {MAX_RECENT - 1}))"""  # noqa: S608

_SAVED_NAME = (
    "SELECT name FROM catalog_savedsearch WHERE person_id = %s AND querystring = %s ORDER BY name LIMIT 1"
)


@dataclass(frozen=True)
class SearchHistory:
    """`recent` is newest first, `saved` by name."""

    recent: tuple[RecentSearch, ...]
    saved: tuple[SavedSearch, ...]


def record_search(person: Person, query: SearchQuery, *, found: int) -> None:
    """Stores a search with a text as the person's last one. Searches by facets alone are not stored. One that found nothing
    is counted by the worker, once a day for each person: see `catalog.mesh.searches_without_result`.
    """
    if not query.text:
        return
    parameters: dict[str, int | str | bool] = {
        "person": person.pk,
        "querystring": query.to_querystring(),
        "text": query.text,
        "found_nothing": found == 0,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_RECORD, parameters)


def search_history(person: Person) -> SearchHistory:
    return SearchHistory(
        recent=tuple(RecentSearch.objects.filter(person=person)[:MAX_RECENT]),
        saved=tuple(SavedSearch.objects.filter(person=person)),
    )


def saved_name(person: Person, querystring: str) -> str:
    """The name under which the person saved this search; empty if they did not."""
    with prepared_cursor() as cursor:
        cursor.execute(_SAVED_NAME, [person.pk, querystring])
        found = cursor.fetchone()
    return found[0] if found else ""
