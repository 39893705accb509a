"""What completes a filter that is being typed: its name, or a value of something that everyone sees."""

from django.db import connection

from catalog.search.filter_sql import literally, prefixes
from catalog.search.filter_syntax import FACET_OF, NAMES
from catalog.search.index.models import EVERYONE
from catalog.search.query import SearchQuery
from catalog.search.search import facets
from identity.people.models import Person

MOST = 8
SHORTEST_NAME = 2

_OWNERS = f"""
SELECT o.name FROM identity_person o WHERE o.name ILIKE %(like)s
  AND EXISTS (SELECT FROM catalog_dataproduct p WHERE p.owner_id = o.id AND p.is_published)
ORDER BY lower(o.name) LIMIT {MOST}"""  # noqa: S608

# A sample is enough: who does not see their column goes on typing.
_COLUMNS = f"""
SELECT DISTINCT found.name FROM (
  SELECT col.name FROM catalog_document d
  JOIN catalog_column col ON col.table_id = d.id OR col.table_id IN (
    SELECT pt.table_id FROM catalog_producttable pt WHERE pt.product_id = -d.id)
  WHERE d.visibility = {EVERYONE} AND d.search @@ to_tsquery('simple', %(words)s) AND col.name ILIKE %(like)s
  LIMIT 200) AS found ORDER BY found.name LIMIT {MOST}"""  # noqa: S608

Value = tuple[str, str, int]
"""What is shown, what stands in the text, and in how much it is, or 0 where that is not counted."""


def names_like(begun: str) -> list[str]:
    """Filters whose name begins so."""
    if len(begun) < SHORTEST_NAME:
        return []
    return [f"{name}:" for name in NAMES if name.startswith(begun.lower())]


def values_like(name: str, begun: str, before: str, person: Person) -> list[Value]:
    """Values of the filter `name` that hold `begun`, within what the text `before` finds."""
    if name == "owner":
        return _rows(_OWNERS, begun)
    if name == "column":
        return _rows(_COLUMNS, begun) if prefixes(begun) else []
    return _of_facet(name, begun.casefold(), before, person)


def _rows(statement: str, begun: str) -> list[Value]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"like": f"%{literally(begun)}%", "words": prefixes(begun)})
        return [(value, value, 0) for (value,) in cursor.fetchall()]


def _of_facet(name: str, begun: str, before: str, person: Person) -> list[Value]:
    found = facets(SearchQuery.from_parameters({"q": [before]}), person=person)
    shown = next((facet.values for facet in found if facet.name == FACET_OF.get(name)), ())
    if name == "has":
        return [(each.label, "access", each.count) for each in shown if each.value == "have"]
    kept = [each for each in shown if begun in each.value.casefold() or begun in each.label.casefold()]
    return [(each.label, each.value, each.count) for each in kept[:MOST]]
