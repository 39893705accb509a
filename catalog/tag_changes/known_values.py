"""Which values the keys of a catalog have, and what uses them."""

from collections import defaultdict
from typing import Any

from catalog.mirror.models import Column, Database, Table, TagKey
from catalog.tag_changes.effects import list_tag_holders
from identity.accounts.models import ConnectedCatalog

Values = dict[str, set[str]]


def list_known_values(catalog: ConnectedCatalog) -> Values:
    """Values by key that AWS has, or that the mirror shows on something."""
    keys = TagKey.objects.filter(catalog=catalog, tombstoned_at=None)
    known: Values = defaultdict(set)
    for key, values in keys.values_list("key", "values"):
        known[key] |= set(values)
    for rows in _list_tagged(catalog):
        for tags in rows.values_list("tags", flat=True).distinct():
            for key, value in tags.items():
                known[key].add(value)
    return dict(known)


def is_value_assigned(catalog: ConnectedCatalog, key: str, value: str) -> bool:
    return any(rows.filter(tags__contains={key: value}).exists() for rows in _list_tagged(catalog))


def is_value_granted(catalog: ConnectedCatalog, key: str, value: str) -> bool:
    """Whether the expression of a grant, or of a permission in AWS, names the value."""
    return any(value in dict(one.expression.keys).get(key, ()) for one in list_tag_holders(catalog))


def _list_tagged(catalog: ConnectedCatalog) -> tuple[Any, ...]:
    live = {"tombstoned_at": None}
    return (
        Database.objects.filter(catalog=catalog, **live),
        Table.objects.filter(database__catalog=catalog, database__tombstoned_at=None, **live),
        Column.objects.filter(table__database__catalog=catalog, table__tombstoned_at=None),
    )
