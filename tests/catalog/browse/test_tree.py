"""Browsing shows what a person may see, counts it, and keeps its state in the address."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.browse.tree import DEFAULT_LIMIT, TreeNode, TreeState, build_tree
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def summarize(nodes: tuple[TreeNode, ...]) -> list[tuple[str, int, list[str]]]:
    return [(node.label, node.count, [child.label for child in node.children]) for node in nodes]


def build_domain_tree(person: Person, *keys: str) -> list[tuple[str, int, list[str]]]:
    return summarize(build_tree(person, TreeState(open_keys=frozenset(keys))))


def test_domains_hold_their_products(shelf: SampleCatalog) -> None:
    assert build_domain_tree(shelf.ana, shelf.insurance.slug) == [
        ("Credit Cards", 1, []),
        ("Insurance", 1, ["Claims"]),
    ]


def test_catalogs_hold_databases_and_tables(shelf: SampleCatalog) -> None:
    name = shelf.unlisted_table.database.catalog.short_name
    place = TreeState(grouping="catalog", open_keys=frozenset([name, f"{name}/insurance_gold"]))

    (node,) = build_tree(shelf.ana, place)

    assert (node.label, node.count, summarize(node.children)) == (
        name, 3, [("cards_gold", 1, []), ("insurance_gold", 2, ["claims", "gold_claimHistory"])],
    )  # fmt: skip


def test_what_is_hidden_is_neither_shown_nor_counted(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())
    name = shelf.unlisted_table.database.catalog.short_name

    assert build_domain_tree(shelf.ana) == [("Insurance", 1, [])]
    assert len(build_domain_tree(shelf.ines)) == 2
    place = TreeState(grouping="catalog", open_keys=frozenset([name, f"{name}/insurance_gold"]))
    assert summarize(build_tree(shelf.ana, place)[0].children) == [("insurance_gold", 1, ["claims"])]


def test_a_database_all_of_which_is_hidden_is_not_there(shelf: SampleCatalog) -> None:
    table = factories.make_table(
        factories.make_database(shelf.unlisted_table.database.catalog, shelf.insurance, "secret"), "x"
    )
    factories.make_product(shelf.insurance, shelf.ines, [table], "Plans")
    DataProduct.objects.filter(name="Plans").update(is_published=False)
    place = TreeState(
        grouping="catalog", open_keys=frozenset([shelf.unlisted_table.database.catalog.short_name])
    )

    assert [node.label for node in build_tree(shelf.ana, place)[0].children] == [
        "cards_gold",
        "insurance_gold",
    ]


def test_many_leaves_are_shown_in_parts(shelf: SampleCatalog) -> None:
    database = shelf.unlisted_table.database
    for number in range(DEFAULT_LIMIT):
        factories.make_table(database, f"many_{number:03}", [])
    name = database.catalog.short_name
    place = TreeState(grouping="catalog", open_keys=frozenset([name, f"{name}/insurance_gold"]))

    _cards, inside = build_tree(shelf.ana, place)[0].children
    assert (inside.count, len(inside.children), inside.hidden_count) == (DEFAULT_LIMIT + 2, DEFAULT_LIMIT, 2)
    assert inside.more_querystring.endswith("most=400")


@pytest.mark.parametrize("by", ["domain", "catalog"])
def test_the_tree_takes_three_queries(shelf: SampleCatalog, by: str) -> None:
    name = shelf.unlisted_table.database.catalog.short_name
    keys = [name, f"{name}/insurance_gold", shelf.insurance.slug]
    with CaptureQueriesContext(connection) as caught:
        build_tree(shelf.ana, TreeState(grouping=by, open_keys=frozenset(keys)))

    assert len(caught) <= 3


def test_an_address_and_its_place_are_one() -> None:
    place = TreeState.from_parameters("catalog", {"open": ["b/x y", "b"], "most": ["400"]})

    assert place.to_querystring() == "open=b&open=b%2Fx+y&most=400"
    assert place.toggle("b").open_keys == frozenset()
    assert TreeState.from_parameters("domain", {"most": ["-1"], "open": []}) == TreeState()
    assert TreeState.from_parameters("domain", {"most": ["99999999999"]}).limit == DEFAULT_LIMIT
