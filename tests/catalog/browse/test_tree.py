"""Browsing shows what a person may see, counts it, and keeps its state in the address."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from catalog.browse.tree import A_FEW, Node, TreePlace, tree
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.people.models import Person
from tests import factories
from tests.catalog.shelf import Shelf, make_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def said(nodes: tuple[Node, ...]) -> list[tuple[str, int, list[str]]]:
    return [(node.label, node.count, [child.label for child in node.children]) for node in nodes]


def by_domain(person: Person, *keys: str) -> list[tuple[str, int, list[str]]]:
    return said(tree(person, TreePlace(open=frozenset(keys))))


def test_domains_hold_their_products(shelf: Shelf) -> None:
    assert by_domain(shelf.ana, shelf.insurance.slug) == [
        ("Credit Cards", 1, []),
        ("Insurance", 1, ["Claims"]),
    ]


def test_catalogs_hold_databases_and_tables(shelf: Shelf) -> None:
    name = shelf.free.database.catalog.short_name
    place = TreePlace(by="catalog", open=frozenset([name, f"{name}/insurance_gold"]))

    (node,) = tree(shelf.ana, place)

    assert (node.label, node.count, said(node.children)) == (
        name, 3, [("cards_gold", 1, []), ("insurance_gold", 2, ["claims", "gold_claimHistory"])],
    )  # fmt: skip


def test_what_is_hidden_is_neither_shown_nor_counted(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.cards.pk).update(is_published=False)
    Table.objects.filter(pk=shelf.free.pk).update(tombstoned_at=clock.now())
    name = shelf.free.database.catalog.short_name

    assert by_domain(shelf.ana) == [("Insurance", 1, [])]
    assert len(by_domain(shelf.ines)) == 2
    place = TreePlace(by="catalog", open=frozenset([name, f"{name}/insurance_gold"]))
    assert said(tree(shelf.ana, place)[0].children) == [("insurance_gold", 1, ["claims"])]


def test_a_database_all_of_which_is_hidden_is_not_there(shelf: Shelf) -> None:
    table = factories.make_table(factories.make_database(shelf.free.database.catalog, None, "secret"), "x")
    factories.make_product(shelf.insurance, shelf.ines, [table], "Plans")
    DataProduct.objects.filter(name="Plans").update(is_published=False)
    place = TreePlace(by="catalog", open=frozenset([shelf.free.database.catalog.short_name]))

    assert [node.label for node in tree(shelf.ana, place)[0].children] == ["cards_gold", "insurance_gold"]


def test_many_leaves_are_shown_in_parts(shelf: Shelf) -> None:
    database = shelf.free.database
    for number in range(A_FEW):
        factories.make_table(database, f"many_{number:03}", [])
    name = database.catalog.short_name
    place = TreePlace(by="catalog", open=frozenset([name, f"{name}/insurance_gold"]))

    _cards, inside = tree(shelf.ana, place)[0].children
    assert (inside.count, len(inside.children), inside.cut) == (A_FEW + 2, A_FEW, 2)
    assert inside.more.endswith("most=400")


@pytest.mark.parametrize("by", ["domain", "catalog"])
def test_the_tree_takes_three_queries(shelf: Shelf, by: str) -> None:
    name = shelf.free.database.catalog.short_name
    keys = [name, f"{name}/insurance_gold", shelf.insurance.slug]
    with CaptureQueriesContext(connection) as caught:
        tree(shelf.ana, TreePlace(by=by, open=frozenset(keys)))

    assert len(caught) <= 3


def test_an_address_and_its_place_are_one() -> None:
    place = TreePlace.from_parameters("catalog", {"open": ["b/x y", "b"], "most": ["400"]})

    assert place.to_querystring() == "open=b&open=b%2Fx+y&most=400"
    assert place.toggled("b").open == frozenset()
    assert TreePlace.from_parameters("domain", {"most": ["-1"], "open": []}) == TreePlace()
    assert TreePlace.from_parameters("domain", {"most": ["99999999999"]}).most == A_FEW
