"""Meshmarket's search as `bench search` asks it: a filled database, and a process that answers questions.

`fill` speaks as the superuser; what is measured runs as the web's role.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from catalog.change_versions import merge_change_marks
from catalog.mirror.glue_parser import build_table_snapshot
from catalog.mirror.models import Database
from catalog.mirror.snapshot import TableTags
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.search.completion import refresh_prefix_cache, suggest
from catalog.search.index.indexing import fold_counts, index_products, list_words_of_table
from catalog.search.plans.matches import PageRange, SearchRequest
from catalog.search.plans.rare_term_plan import find_matches
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import search
from catalog.sync.table_writer import TableDifference, TableWriter
from demo.embedded import database_roles
from fulfilment.observations.models import ObservedPermission
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person, Team
from lakeformation.values.column_sets import ColumnSet
from tools.bench.generated_catalog import ACCOUNT, get_database_name
from tools.bench.search.corpus import (
    DOMAINS,
    REGIONS,
    CorpusTable,
    build_queries,
    generate_corpus,
    split_batches,
)
from tools.bench.search.timing_loop import serve, write_answer

BATCH_SIZE = 500
CREATED_AT = datetime(2026, 1, 5, tzinfo=UTC)
CHECKED_QUERIES = 12
SINGLE_VALUE_FACETS = ("domain", "access")
"""Facets of which everything has one value: their counts add up to the total."""


class CatalogFiller:
    """Rows of people, accounts, domains and databases; then tables by the sync's own writer, and products."""

    def __init__(self) -> None:
        self.person = Person.objects.create(email="bench@bank.example", name="Bench", password="!")  # noqa: S106
        team = Team.objects.create(slug="bench", name="Bench")
        Membership.objects.create(team=team, person=self.person, role=Membership.Role.DATA_OWNER)
        arn = f"arn:aws:iam::{ACCOUNT}:role/"
        account = Account.objects.create(
            team=team, account_id=ACCOUNT, name="Bench", region=REGIONS[0], is_producer=True, is_consumer=True,
            observer_role_arn=f"{arn}observer", executor_role_arn=f"{arn}executor", external_id="bench",
        )  # fmt: skip
        self.role = Principal.objects.create(
            account=account,
            name="reader",
            arn=f"{arn}reader",
            unique_id="AROABENCH",
            first_seen_at=CREATED_AT,
        )
        self.catalogs = [
            ConnectedCatalog.objects.create(
                account=account, region=region, kind="governance", short_name=f"bench-{region}",
                location_role_arn=f"{arn}location",
            )
            for region in REGIONS
        ]  # fmt: skip
        self._create_domains(team)
        self._databases: dict[int, Database] = {}

    def _create_domains(self, team: Team) -> None:
        teams = [team, *(Team.objects.create(slug=f"team-{at}", name=f"Team {at}") for at in range(5))]
        self.domains = {
            name: Domain.objects.create(slug=name, name=name, owner_team=teams[at % len(teams)])
            for at, name in enumerate(DOMAINS)
        }

    def create_tables(self, count: int, seed: int) -> None:
        writer = TableWriter(self.catalogs[0].pk)
        for number, batch in enumerate(split_batches(generate_corpus(count, seed), BATCH_SIZE), start=1):
            if number.bit_count() == 1:
                _analyse()
            made = writer.write([self._build_difference(each) for each in batch], CREATED_AT).created
            self._create_products(batch, made)
            self._create_permissions(batch)

    def _build_difference(self, table: CorpusTable) -> TableDifference:
        database = self._get_database(table)
        snapshot = build_table_snapshot(table.answer, database_tags={}, tags=TableTags(table.tags))
        return TableDifference(database.pk, None, snapshot, list_words_of_table(snapshot, database.name))

    def _get_database(self, table: CorpusTable) -> Database:
        if table.database not in self._databases:
            self._databases[table.database] = Database.objects.create(
                catalog=self.catalogs[REGIONS.index(table.region)], domain=self.domains[table.domain],
                name=get_database_name(table.number), glue_created_at=CREATED_AT.isoformat(), digest="0",
            )  # fmt: skip
        return self._databases[table.database]

    def _create_products(self, batch: list[CorpusTable], made: list[int]) -> None:
        links = []
        for table, pk in zip(batch, made, strict=True):
            slug = f"hidden-{table.database}" if table.is_hidden else table.product
            if slug:
                product, _ = DataProduct.objects.get_or_create(
                    slug=slug,
                    defaults={
                        "name": slug, "summary": "In the bench.", "domain": self.domains[table.domain],
                        "owner": self.person, "is_published": not table.is_hidden,
                    },
                )  # fmt: skip
                links.append(ProductTable(product=product, table_id=pk, position=table.number))
        ProductTable.objects.bulk_create(links)

    def _create_permissions(self, batch: list[CorpusTable]) -> None:
        ObservedPermission.objects.bulk_create(
            ObservedPermission(
                catalog=self._get_database(table).catalog, principal_arn=self.role.arn,
                database=get_database_name(table.number), table=table.name, verb="SELECT",
                columns=ColumnSet.every().to_json(), seen_at=CREATED_AT,
            )
            for table in batch
            if table.is_readable
        )  # fmt: skip


def index_all() -> None:
    index_products()
    fold_counts()
    merge_change_marks()


def vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _analyse() -> None:
    """As autovacuum does, which comes each minute: what is written in one goes by what was known before."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class MeasuredSearch:
    """What is measured, and what is checked on the way."""

    def __init__(self, count: int, seed: int) -> None:
        self._person = Person.objects.get(name="Bench")
        self._count, self._seed = count, seed
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {database_roles.WEB}")

    def search_ids(self, text: str) -> object:
        """Twenty ids in their order, and the counts of all facets: what the peer answers, too."""
        query = SearchQuery.from_parameters({"q": [text]})
        return find_matches(SearchRequest(query, self._person, PageRange()))

    def search_page(self, text: str) -> SearchResult:
        """The whole page: with texts, columns and the reason for each hit."""
        return search(SearchQuery.from_parameters({"q": [text]}), person=self._person)

    def complete_letter(self, text: str) -> object:
        return suggest(text, person=self._person)

    def check_results(self) -> dict[str, Any]:
        """How many hits must not be seen, and how many facets do not add up to their total."""
        asked = build_queries(self._seed)
        texts = [*asked["page"][:CHECKED_QUERIES], *asked["frequent"][:CHECKED_QUERIES], ""]
        hidden = {table.name for table in generate_corpus(self._count, self._seed) if table.is_hidden}
        found = [self.search_page(text) for text in texts]
        shown = [hit for result in found for hit in result.hits]
        wrong = [hit.name for hit in shown if hit.name in hidden or hit.name.startswith("hidden-")]
        return {
            "hits": len(shown),
            "hidden": len(wrong),
            "sums": sum(_has_wrong_counts(result) for result in found),
        }

    def measure_corrections(self) -> dict[str, Any]:
        """The share of misspelt words whose page holds the first hit of the right one, of those that have one.

        A right word that stands in nothing visible has none: it is put right itself.
        """
        asked = build_queries(self._seed)
        pairs = [
            (self.search_page(right), wrong)
            for right, wrong in zip(asked["right"], asked["misspelt"], strict=True)
        ]
        known = [(_hit_keys(page)[0], wrong) for page, wrong in pairs if page.hits and not page.corrected]
        found = sum(key in _hit_keys(self.search_page(wrong)) for key, wrong in known)
        return {"share": found / max(len(known), 1)}


def _hit_keys(page: SearchResult) -> list[tuple[str, int]]:
    return [(hit.kind, hit.pk) for hit in page.hits]


def _has_wrong_counts(result: SearchResult) -> bool:
    counted = [
        sum(value.count for value in facet.values)
        for facet in result.facets
        if facet.name in SINGLE_VALUE_FACETS
    ]
    return any(count != result.total for count in counted)


def fill(count: int, seed: int) -> None:
    filled = CatalogFiller()
    filled.create_tables(count, seed)
    index_all()
    refresh_prefix_cache(all_prefixes=True)
    vacuum()


def answer(count: int, seed: int) -> None:
    asked = MeasuredSearch(count, seed)
    write_answer(ready=True)
    answers = {
        "page": asked.search_ids,
        "frequent": asked.search_ids,
        "browse": asked.search_ids,
        "letter": asked.complete_letter,
        "right": asked.search_ids,
        "misspelt": asked.search_page,
        "whole": asked.search_page,
    }
    serve(
        answers, build_queries(seed), {"check": asked.check_results, "corrections": asked.measure_corrections}
    )
