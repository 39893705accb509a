"""Completes a filter that is being typed: its name, or a value that something visible has."""

from django.db import connection

from catalog.search.filter_sql import escape_like, prefix_query
from catalog.search.filter_syntax import FACET_OF, NAMES
from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.query import SearchQuery
from catalog.search.search import count_facets
from identity.people.models import Person

MAX_VALUES = 8
SHORTEST_NAME = 2

_OWNERS = f"""
SELECT o.name FROM identity_person o WHERE o.name ILIKE %(like)s
  AND EXISTS (SELECT FROM catalog_dataproduct p WHERE p.owner_id = o.id AND p.is_published
    AND p.audience = ANY((SELECT catalog_audience(%(person)s))::bigint[]))
ORDER BY lower(o.name) LIMIT {MAX_VALUES}"""  # noqa: S608

# A sample is enough: people who miss their column type another letter.
_COLUMNS = f"""
SELECT DISTINCT found.name FROM (
  SELECT col.name FROM catalog_document d
  JOIN catalog_column col ON col.table_id = d.id OR col.table_id IN (
    SELECT pt.table_id FROM catalog_producttable pt WHERE pt.product_id = -d.id)
  WHERE {VISIBLE_DOCUMENT} AND d.search @@ to_tsquery('simple', %(words)s) AND col.name ILIKE %(like)s
  LIMIT 200) AS found ORDER BY found.name LIMIT {MAX_VALUES}"""  # noqa: S608

Value = tuple[str, str, int]
"""Label, text of the filter, and number of documents, or 0 where that is not counted."""


def complete_name(prefix: str) -> list[str]:
    if len(prefix) < SHORTEST_NAME:
        return []
    return [f"{name}:" for name in NAMES if name.startswith(prefix.lower())]


def complete_value(name: str, part: str, text_before: str, person: Person) -> list[Value]:
    """Values of the filter `name` that contain `part`, among what `text_before` finds."""
    if name == "owner":
        return _fetch(_OWNERS, part, person)
    if name == "column":
        return _fetch(_COLUMNS, part, person) if prefix_query(part) else []
    return _facet_values(name, part.casefold(), text_before, person)


def _fetch(statement: str, part: str, person: Person) -> list[Value]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"like": f"%{escape_like(part)}%", "words": prefix_query(part), "person": person.pk}
        )
        return [(value, value, 0) for (value,) in cursor.fetchall()]


def _facet_values(name: str, part: str, text_before: str, person: Person) -> list[Value]:
    facets = count_facets(SearchQuery.from_parameters({"q": [text_before]}), person=person)
    values = next((facet.values for facet in facets if facet.name == FACET_OF.get(name)), ())
    if name == "has":
        return [(each.label, "access", each.count) for each in values if each.value == "have"]
    found = [each for each in values if part in each.value.casefold() or part in each.label.casefold()]
    return [(each.label, each.value, each.count) for each in found[:MAX_VALUES]]
