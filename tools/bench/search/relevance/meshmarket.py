"""The texts of a corpus as published products of Meshmarket, and what its search finds.

`fill` runs as the superuser, `answer` as the web's role.
"""

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from catalog.mirror.glue_parser import build_table_snapshot
from catalog.mirror.models import Database
from catalog.mirror.snapshot import TableTags
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.search.index.indexing import list_words_of_table
from catalog.search.query import SearchQuery
from catalog.search.search import search
from catalog.sync.table_writer import TableDifference, TableWriter
from identity.people.models import Person, Team
from tools.bench.generated_catalog import get_database_name
from tools.bench.search.meshmarket import BATCH_SIZE, CREATED_AT, CatalogFiller, index_all, vacuum
from tools.bench.search.relevance import engines
from tools.bench.search.relevance.scores import FIRST_HITS
from tools.bench.search.relevance.texts import CorpusText, read_texts

MAX_SLUG = 46
"""Leaves room for the number of a text whose name another one has as well."""


class TextFiller(CatalogFiller):
    """One product with one table for each text, all in one domain and one database."""

    def create_products(self, texts: Sequence[CorpusText]) -> None:
        domain = Domain.objects.create(slug="bench", name="Bench", owner_team=Team.objects.get(slug="bench"))
        database = Database.objects.create(
            catalog=self.catalogs[0], domain=domain, name=get_database_name(0),
            glue_created_at=CREATED_AT.isoformat(), digest="0",
        )  # fmt: skip
        writer, slugs = TableWriter(self.catalogs[0].pk), list(assign_slugs(texts))
        for start in range(0, len(texts), BATCH_SIZE):
            batch = list(zip(slugs, texts, strict=True))[start : start + BATCH_SIZE]
            tables = writer.write([_build_difference(database, *each) for each in batch], CREATED_AT).created
            products = DataProduct.objects.bulk_create(
                DataProduct(
                    slug=slug, name=text.name, summary=text.summary, description=text.description,
                    keywords=list(text.keywords), domain=domain, owner=self.person,
                )
                for slug, text in batch
            )  # fmt: skip
            ProductTable.objects.bulk_create(
                ProductTable(product=product, table_id=table)
                for product, table in zip(products, tables, strict=True)
            )


def assign_slugs(texts: Sequence[CorpusText]) -> dict[str, str]:
    """Keys by slug, in the order of the texts: a slug is made of the name, with a number if it is taken."""
    keys: dict[str, str] = {}
    for text in texts:
        base = slugify(text.name)[:MAX_SLUG] or "text"
        slugs = (base if number == 1 else f"{base}-{number}" for number in count(1))
        keys[next(slug for slug in slugs if slug not in keys)] = text.key
    return keys


def _build_difference(database: Database, slug: str, text: CorpusText) -> TableDifference:
    snapshot = build_table_snapshot(
        _build_answer(database.name, slug, text), database_tags={}, tags=TableTags({})
    )
    return TableDifference(database.pk, None, snapshot, list_words_of_table(snapshot, database.name))


def _build_answer(database: str, slug: str, text: CorpusText) -> dict[str, Any]:
    """As GetTables answers."""
    columns = [{"Name": name, "Type": "string", "Comment": comment} for name, comment in text.columns]
    return {
        "Name": slug.replace("-", "_"), "DatabaseName": database, "CreateTime": CREATED_AT.timestamp(),
        "UpdateTime": CREATED_AT.timestamp(), "TableType": "EXTERNAL_TABLE", "VersionId": "0",
        "Parameters": {"classification": "parquet"}, "PartitionKeys": [],
        "StorageDescriptor": {"Columns": columns, "Location": f"s3://lake/{database}/{slug}/"},
    }  # fmt: skip


class RelevanceSearch:
    def __init__(self, texts: Sequence[CorpusText]) -> None:
        self._person = Person.objects.get(name="Bench")
        self._keys = assign_slugs(texts)

    def find(self, text: str) -> list[str]:
        """Keys of the first ten hits."""
        result = search(SearchQuery.from_parameters({"q": [text]}), person=self._person, limit=FIRST_HITS)
        return [self._keys.get(hit.slug, hit.name) for hit in result.hits]


def fill(texts_file: str) -> None:
    texts = read_texts(Path(texts_file))
    TextFiller().create_products(texts)
    engines.fill(texts)
    index_all()
    vacuum()


def answer(texts_file: str, queries_file: str) -> None:
    """Prints, for each query, the keys that ours finds and those that `ts_rank` puts first."""
    ours = RelevanceSearch(read_texts(Path(texts_file)))
    queries = json.loads(Path(queries_file).read_text())
    print(
        json.dumps(
            {
                "meshmarket": [ours.find(text) for text in queries],
                "ts_rank": [engines.find(text) for text in queries],
            }
        )
    )
