"""Refuses classes below the floor that columns of published products have by their inputs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.derivation.evaluation import find_missing_floors
from catalog.derivation.floor import RANKS
from catalog.derivation.wording import describe_breaches
from catalog.mirror.glue_parser import CLASSIFICATION_TAG
from catalog.mirror.models import Column, Table
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import RefusedError


def check_floors_kept(
    person: Person,
    catalog: ConnectedCatalog,
    outcome: Iterable[Mapping[str, Any]],
    keys: Iterable[str],
    now: datetime,
) -> None:
    """`outcome` as in `TagChangeEffects`. RefusedError if it lowers the class of a column in a published product below its floor."""
    if CLASSIFICATION_TAG not in keys:
        return
    classes = {
        (one["database"], one["table"]): {
            name: _parse(tags.get(CLASSIFICATION_TAG, "")) for name, tags in one["columns"].items()
        }
        for one in outcome
    }
    rows = Table.objects.filter(
        database__catalog=catalog,
        database__tombstoned_at=None,
        tombstoned_at=None,
        name__in={table for _database, table in classes},
        products__is_published=True,
    ).select_related("database")
    tables = {row.pk: classes.get((row.database.name, row.name), {}) for row in rows}
    lowered = {}
    columns = Column.objects.filter(table__in=tables)
    for table, name, classification in columns.values_list("table_id", "name", "classification"):
        new = tables[table].get(name)
        if new is not None and RANKS[new] < RANKS[classification]:
            lowered[table, name] = new
    breaches = find_missing_floors({table for table, _name in lowered}, lowered, now) if lowered else []
    if breaches:
        problem = describe_breaches(person, breaches)
        text = _(
            "This is below the class of the data that the columns are made from. %(problem)s Ask its owners first, on the page of the data product."
        )
        raise RefusedError(text % {"problem": problem}, "assignments")


def _parse(value: str) -> str:
    return value if value in RANKS else ""
