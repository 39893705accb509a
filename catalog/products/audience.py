"""What a person may find, as the audiences of products: see `catalog_audience` in `catalog/migrations/sql/discovery.sql`."""

from django.db.models.expressions import RawSQL

from catalog.change_versions import CATALOG_VERSION_SQL, CURRENT_PERIOD_SQL, CatalogVersion
from identity.people.models import Person
from kernel.sql import prepared_cursor

_SEARCH_STATE = f"SELECT {CATALOG_VERSION_SQL}, {CURRENT_PERIOD_SQL}, catalog_audience(%(person)s)"


def select_audiences(person: Person) -> RawSQL:
    """For a filter of products: `audience__in`."""
    return RawSQL("SELECT unnest(catalog_audience(%s))", [person.pk])


def select_held_tables(person: Person) -> RawSQL:
    """Ids of tables that a role of the person's teams holds under a grant that has not ended."""
    return RawSQL("SELECT catalog_held_tables(%s)", [person.pk])


def read_search_state(person: Person) -> tuple[CatalogVersion, tuple[int, ...]]:
    """Of the catalog, and what the person may see of it. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_SEARCH_STATE, {"person": person.pk})
        version, period_start, audience = cursor.fetchone()
    return CatalogVersion(version, period_start), tuple(audience)
