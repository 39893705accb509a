"""Reads descriptions, comments and column types to their ends, for words that are not in what a page reads of them."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from catalog.mirror.nested_fields import list_nested_fields
from catalog.search.index.tokenizer import MAX_TEXT
from catalog.search.markup import plain_text
from catalog.search.snippets import Candidate
from kernel.prepared_statements import prepared_cursor
from kernel.text_truncation import MAX_LENGTH

MAX_TYPE = 8000
"""Characters of a column's type that a page reads."""
_STATEMENT = f"""
SELECT -p.id, 'description', '', left(p.description, {MAX_TEXT}) FROM catalog_dataproduct p
WHERE p.id = ANY(%(products)s) AND length(p.description) > {MAX_LENGTH}
UNION ALL SELECT t.id, 'description', t.name, left(t.description, {MAX_TEXT}) FROM catalog_table t
WHERE t.id = ANY(%(tables)s) AND length(t.description) > {MAX_LENGTH}
UNION ALL SELECT t.id, one.field, t.name || '.' || c.name, left(one.text, {MAX_TEXT})
FROM catalog_table t JOIN catalog_column c ON c.table_id = t.id
CROSS JOIN LATERAL (VALUES ('comment', c.comment, {MAX_LENGTH}), ('field', c.type, {MAX_TYPE - 1})) one(field, text, most)
WHERE t.id = ANY(%(tables)s) AND length(one.text) > one.most"""  # noqa: S608


class LongTexts(NamedTuple):
    """By product and table."""

    products: dict[int, list[Candidate]]
    tables: dict[int, list[Candidate]]


def read_long_texts(products: Collection[int], tables: Collection[int]) -> LongTexts:
    """One query."""
    found = LongTexts(defaultdict(list), defaultdict(list))
    with prepared_cursor() as cursor:
        cursor.execute(_STATEMENT, {"products": list(products), "tables": list(tables)})
        for pk, field, subject, text in cursor.fetchall():
            texts = list_nested_fields(text) if field == "field" else [plain_text(text)]
            of_item = found.products[-pk] if pk < 0 else found.tables[pk]
            of_item += [Candidate(field, subject, one) for one in texts]
    return found
