"""The documents of tables that are new: in by COPY, saying what `catalog_documented` would."""

from collections.abc import Sequence
from typing import Any

from catalog.completeness import completeness_of
from catalog.documents import EVERYONE
from catalog.snapshot import TableSnapshot

_COPY = """COPY catalog_document (id, visibility, kind, name, domain, account, tier, region, format, tag,
  classification, fresh, is_empty, completeness, search) FROM STDIN"""
_PLACES = """
SELECT b.id, b.domain_id, k.account_id, k.region FROM catalog_database b
JOIN identity_connectedcatalog k ON k.id = b.catalog_id WHERE b.id = ANY(%s)"""

NewTable = tuple[int, int, TableSnapshot, str | None]
"""Its id and its database's, what was read, and its search vector if that is made already."""


def copy_documents(cursor: Any, tables: Sequence[NewTable]) -> None:
    """A table that is new is in no product: everyone finds it."""
    cursor.execute(_PLACES, [list({database for _, database, _, _ in tables})])
    places = {database: place for database, *place in cursor.fetchall()}
    with cursor.copy(_COPY) as copy:
        for pk, database, told, vector in tables:
            domain, account, region = places[database]
            copy.write_row((
                pk, EVERYONE, _kind(told), told.name.lower()[:255], domain, account, told.tags.get("tier") or None,
                [region], [told.data_format] if told.data_format else [],
                sorted(f"{key}={value}" for key, value in told.tags.items()), told.classes,
                told.glue_updated_at or told.glue_created_at, False, told_of(told), vector,
            ))  # fmt: skip


def told_of(told: TableSnapshot) -> int:
    """How complete its description is, 0 to 100."""
    return completeness_of((told.description, told.owner), (column.comment for column in told.columns))


def _kind(told: TableSnapshot) -> str:
    return "view" if told.view or "view" in told.kind.lower() else "table"
