"""Meshmarket's search as `bench search` asks it: a filled database, and a process that answers questions.

`fill` speaks as the superuser; what is measured runs as the web's role.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from catalog.change_versions import fold_alterations
from catalog.mirror.glue_parser import table_snapshot
from catalog.mirror.models import Database
from catalog.mirror.snapshot import TableTags
from catalog.products.models import DataProduct, Domain, ProductTable
from catalog.search.completion.suggestions import refresh_prefix_cache, suggest
from catalog.search.index.documents import fold_counts
from catalog.search.index.indexing import index_products, words_of_table
from catalog.search.plans.matches import PageRange, SearchRequest
from catalog.search.plans.selection import find_matches
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import search
from catalog.sync.diff import Difference
from catalog.sync.table_writer import TableWriter
from demo.embedded import roles
from fulfilment.observations.models import Observed
from identity.accounts.models import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person, Team
from lakeformation.values.column_sets import ColumnSet
from tools.bench.generated_catalog import ACCOUNT, database_of
from tools.bench.search.answer_loop import say, serve
from tools.bench.search.corpus import DOMAINS, REGIONS, Shelved, in_batches, questions, shelved

BATCH = 500
BORN = datetime(2026, 1, 5, tzinfo=UTC)
CHECKED = 12
ONE_OF_EACH = ("domain", "access")
"""Facets of which everything has one value: their counts add up to the total."""


class Filled:
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
            account=account, name="reader", arn=f"{arn}reader", unique_id="AROABENCH", first_seen_at=BORN
        )
        self.catalogs = [
            ConnectedCatalog.objects.create(
                account=account, region=region, kind="governance", short_name=f"bench-{region}",
                location_role_arn=f"{arn}location",
            )
            for region in REGIONS
        ]  # fmt: skip
        self._domains(team)
        self._databases: dict[int, Database] = {}

    def _domains(self, team: Team) -> None:
        teams = [team, *(Team.objects.create(slug=f"team-{at}", name=f"Team {at}") for at in range(5))]
        self.domains = {
            name: Domain.objects.create(slug=name, name=name, owner_team=teams[at % len(teams)])
            for at, name in enumerate(DOMAINS)
        }

    def tables(self, count: int, seed: int) -> None:
        writer = TableWriter(self.catalogs[0].pk)
        for number, batch in enumerate(in_batches(shelved(count, seed), BATCH), start=1):
            if number.bit_count() == 1:
                _analyse()
            made = writer.write([self._difference(each) for each in batch], BORN).made
            self._products(batch, made)
            self._held(batch)

    def _difference(self, table: Shelved) -> Difference:
        database = self._database(table)
        snapshot = table_snapshot(table.answer, database_tags={}, tags=TableTags(table.tags))
        return Difference(database.pk, None, snapshot, words_of_table(snapshot, database.name))

    def _database(self, table: Shelved) -> Database:
        if table.database not in self._databases:
            self._databases[table.database] = Database.objects.create(
                catalog=self.catalogs[REGIONS.index(table.region)], domain=self.domains[table.domain],
                name=database_of(table.number), glue_created_at=BORN.isoformat(), digest="0",
            )  # fmt: skip
        return self._databases[table.database]

    def _products(self, batch: list[Shelved], made: list[int]) -> None:
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

    def _held(self, batch: list[Shelved]) -> None:
        Observed.objects.bulk_create(
            Observed(
                catalog=self._database(table).catalog, principal_arn=self.role.arn,
                database=database_of(table.number), table=table.name, verb="SELECT",
                columns=ColumnSet.every().to_json(), seen_at=BORN,
            )
            for table in batch
            if table.is_held
        )  # fmt: skip

    def finish(self) -> None:
        index_products()
        fold_counts()
        fold_alterations()
        refresh_prefix_cache(all_prefixes=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _analyse() -> None:
    """As autovacuum does, which comes each minute: what is written in one goes by what was known before."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Asked:
    """What is measured, and what is checked on the way."""

    def __init__(self, count: int, seed: int) -> None:
        self._person = Person.objects.get(name="Bench")
        self._count, self._seed = count, seed
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {roles.WEB}")

    def ids(self, text: str) -> object:
        """Twenty ids in their order, and the counts of all facets: what the peer answers, too."""
        query = SearchQuery.from_parameters({"q": [text]})
        return find_matches(SearchRequest(query, self._person, PageRange()))

    def page(self, text: str) -> SearchResult:
        """The whole page: with texts, columns and the reason for each hit."""
        return search(SearchQuery.from_parameters({"q": [text]}), person=self._person)

    def letter(self, text: str) -> object:
        return suggest(text, person=self._person)

    def check(self) -> dict[str, Any]:
        """How many hits must not be seen, and how many facets do not add up to their total."""
        asked = questions(self._seed)
        texts = [*asked["page"][:CHECKED], *asked["frequent"][:CHECKED], ""]
        hidden = {table.name for table in shelved(self._count, self._seed) if table.is_hidden}
        found = [self.page(text) for text in texts]
        shown = [hit for result in found for hit in result.hits]
        wrong = [hit.name for hit in shown if hit.name in hidden or hit.name.startswith("hidden-")]
        return {
            "hits": len(shown),
            "hidden": len(wrong),
            "sums": sum(_does_not_add_up(result) for result in found),
        }

    def corrections(self) -> dict[str, Any]:
        """The share of misspelt words whose page holds the first hit of the right one, of those that have one.

        A right word that stands in nothing visible has none: it is put right itself.
        """
        asked = questions(self._seed)
        pairs = [
            (self.page(right), wrong) for right, wrong in zip(asked["right"], asked["misspelt"], strict=True)
        ]
        known = [(_keys(page)[0], wrong) for page, wrong in pairs if page.hits and not page.corrected]
        found = sum(key in _keys(self.page(wrong)) for key, wrong in known)
        return {"share": found / max(len(known), 1)}


def _keys(page: SearchResult) -> list[tuple[str, int]]:
    return [(hit.kind, hit.pk) for hit in page.hits]


def _does_not_add_up(result: SearchResult) -> bool:
    counted = [
        sum(value.count for value in facet.values) for facet in result.facets if facet.name in ONE_OF_EACH
    ]
    return any(count != result.total for count in counted)


def fill(count: int, seed: int) -> None:
    filled = Filled()
    filled.tables(count, seed)
    filled.finish()


def answer(count: int, seed: int) -> None:
    asked = Asked(count, seed)
    say(ready=True)
    answers = {
        "page": asked.ids,
        "frequent": asked.ids,
        "browse": asked.ids,
        "letter": asked.letter,
        "right": asked.ids,
        "misspelt": asked.page,
        "whole": asked.page,
    }
    serve(answers, questions(seed), {"check": asked.check, "corrections": asked.corrections})
