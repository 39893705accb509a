"""A small shelf of products and tables for the tests of search and pages."""

from dataclasses import dataclass

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.search.index.indexing import index_products
from catalog.search.plans import rare_term_plan
from catalog.search.plans.matches import Matches, PageRange, SearchRequest
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import search
from fulfilment.observations.models import ObservedPermission
from identity.accounts import Account
from identity.people.models import Person
from kernel import clock
from lakeformation.values.column_sets import ColumnSet
from tests import factories
from tests.catalog.indexing import index_tables
from tests.database import as_role


@dataclass(frozen=True)
class SampleCatalog:
    """Claims (insurance, gold) and Card Spend (cards, silver), and the table gold_claimHistory in neither."""

    ana: Person
    ines: Person
    bi: Account
    insurance: Domain
    claims: DataProduct
    card_spend: DataProduct
    claims_table: Table
    unlisted_table: Table


def make_sample_catalog() -> SampleCatalog:
    ana, ines = factories.make_person("Ana Keller"), factories.make_person("Ines Roth")
    producer = factories.make_team("Insurance", owners=[ines])
    governance = factories.make_account(factories.make_team("Governance"), name="Governance")
    insurance = factories.make_domain(producer)
    factories.make_account(producer, name="Insurance", is_producer=True)
    cards = factories.make_domain(factories.make_team("Cards"), "Credit Cards")
    database = factories.make_database(factories.make_catalog(governance), insurance)
    claims_table = factories.make_table(
        database, "claims", ["claim_id", "paidAmount"], sensitive=["claim_id"]
    )
    spending = factories.make_database(database.catalog, cards, "cards_gold")
    spend_table = factories.make_table(spending, "card_spend", ["merchant"])
    free = factories.make_table(database, "gold_claimHistory", ["status"])
    shelf = SampleCatalog(
        ana=ana,
        ines=ines,
        bi=factories.make_account(factories.make_team("BI", members=[ana]), name="BI"),
        insurance=insurance,
        claims=factories.make_product(insurance, ines, [claims_table]),
        card_spend=factories.make_product(cards, ines, [spend_table], "Card Spend"),
        claims_table=claims_table,
        unlisted_table=free,
    )
    factories.make_principal(shelf.bi, "bi-analyst")
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(
        summary="What is spent in Zürich.", tier="silver"
    )
    reindex()
    return shelf


def reindex() -> None:
    index_tables(list(Table.objects.values_list("pk", flat=True)))
    index_products()


def search_as_ana(shelf: SampleCatalog, querystring: str) -> SearchResult:
    return search(SearchQuery.parse(querystring), person=shelf.ana)


def find_matches(shelf: SampleCatalog, querystring: str, page: PageRange | None = None) -> Matches:
    """Without the texts of a page."""
    request = SearchRequest(SearchQuery.parse(querystring), shelf.ana, page or PageRange())
    return rare_term_plan.find_matches(request)


def list_hit_names(result: SearchResult) -> list[str]:
    return [hit.name for hit in result.hits]


def observe_select(table: Table, arn: str) -> None:
    """As if the engine had read this permission in AWS."""
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=table.database.catalog, principal_arn=arn, database=table.database.name,
            table=table.name, verb="SELECT", columns=ColumnSet.every().to_json(), seen_at=clock.now(),
        )  # fmt: skip
