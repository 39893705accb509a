"""Indexes tables that tests made, as the sync does when it writes them."""

from collections.abc import Collection

from django.db import connection

from catalog.mirror.models import Table
from catalog.mirror.snapshot import ColumnSnapshot, TableSnapshot
from catalog.search.index.indexing import (
    DocumentVector,
    Lexicon,
    build_vector_text,
    list_words_of_table,
    update_vectors,
)
from catalog.search.index.vocabulary import add_words


def index_tables(ids: Collection[int]) -> None:
    lexicon, vectors = Lexicon(), []
    for table in Table.objects.filter(pk__in=ids).select_related("database"):
        words = list_words_of_table(_snapshot(table), table.database.name)
        add_words(set(words.vocabulary))
        lexicon.learn([word for weight in words.weights for word in weight])
        vectors.append(
            DocumentVector(table.pk, words.completeness, build_vector_text(words.weights, lexicon))
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_refresh_documents(%s::bigint[])", [list(ids)])
        update_vectors(cursor, vectors)


def _snapshot(table: Table) -> TableSnapshot:
    columns = [
        ColumnSnapshot(
            each.position, each.name, each.type, each.comment, each.is_partition_key, each.tags, ""
        )
        for each in table.columns.order_by("position")
    ]
    return TableSnapshot(
        name=table.name, kind=table.kind, description=table.description, owner=table.owner, created_by="",
        location=table.location,
        data_format="", parameters={}, storage={}, view={}, flags=(), tags={}, classification="", glue_created_at="",
        glue_version="", glue_updated_at="", iceberg_uuid="", default_row_policy="", digest="", columns=tuple(columns),
    )  # fmt: skip
