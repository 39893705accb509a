"""The documents of tables that are new: in by COPY, saying what `catalog_documented` would."""

from collections.abc import Sequence
from typing import Any

from catalog.mirror.snapshot import TableSnapshot
from catalog.postgres_copy import copy_in, values_text
from catalog.search.index.completeness import completeness_of
from catalog.search.index.models import EVERYONE

_COPY = """COPY catalog_document (id, visibility, kind, name, tier, format, tag, classification, fresh, is_empty,
  completeness, search, domain, account, region) FROM STDIN"""
_PLACES = """
SELECT b.id, b.domain_id, k.account_id, k.region FROM catalog_database b
JOIN identity_connectedcatalog k ON k.id = b.catalog_id WHERE b.id = ANY(%s)"""


def document_text(pk: int, told: TableSnapshot, vector: str | None) -> str:
    """What COPY reads of the document of a new table but for its place, which is read when it is written.

    No query. A table that is new is in no product: everyone finds it.
    """
    return values_text((
        pk, EVERYONE, _kind(told), told.name.lower()[:255], told.tags.get("tier") or None,
        [told.data_format] if told.data_format else [], sorted(f"{key}={value}" for key, value in told.tags.items()),
        told.classes, told.glue_updated_at or told.glue_created_at, False, told_of(told), vector,
    ))  # fmt: skip


def copy_documents(cursor: Any, tables: Sequence[tuple[int, str]]) -> None:
    """Of each table its database and its `document_text`."""
    cursor.execute(_PLACES, [list({database for database, _ in tables})])
    places = {
        database: values_text((domain, account, [region]))
        for database, domain, account, region in cursor.fetchall()
    }
    copy_in(cursor, _COPY, [f"{text}\t{places[database]}\n" for database, text in tables])


def told_of(told: TableSnapshot) -> int:
    """How complete its description is, 0 to 100."""
    return completeness_of((told.description, told.owner), (column.comment for column in told.columns))


def _kind(told: TableSnapshot) -> str:
    return "view" if told.view or "view" in told.kind.lower() else "table"
