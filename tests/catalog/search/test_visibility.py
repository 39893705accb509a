"""What is not published, or no longer there, is neither shown nor counted."""

import random

import pytest

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.plans.rare_term_plan import RareTermPlan
from catalog.search.query import SearchQuery
from catalog.search.search import search
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    reindex,
    search_as_ana,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def test_an_unpublished_product_leaves_no_trace(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)

    result = search_as_ana(shelf, "")

    assert list_hit_names(result) == ["Claims", "gold_claimHistory"]
    assert all(value.label != "Credit Cards" for facet in result.facets for value in facet.values)
    assert search_as_ana(shelf, "q=card_spend").total == 0


def test_a_table_that_is_gone_is_not_found(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())

    assert search_as_ana(shelf, "q=history").total == 0


WORDS = ("glacier", "moraine", "tide", "storm", "harbor", "gold_claims", "landsat8", "week")


def fill(shelf: SampleCatalog, lots: random.Random) -> None:
    """Products and tables of a few words; some are hidden, or gone."""
    for number in range(30):
        words = lots.choices(WORDS, k=3)
        table = factories.make_table(shelf.unlisted_table.database, "_".join([*words[:2], str(number)]))
        if number % 3 == 0:
            Table.objects.filter(pk=table.pk).update(tombstoned_at=clock.now())
        if number % 2:
            product = factories.make_product(shelf.insurance, shelf.ines, [table], " ".join(words))
            DataProduct.objects.filter(pk=product.pk).update(
                summary=" ".join(lots.choices(WORDS, k=4)), is_published=number % 4 == 1
            )
    reindex()


def list_visible() -> set[tuple[str, int]]:
    """By the tables of the catalog, not by the search's."""
    tables = Table.objects.filter(tombstoned_at=None, product_tables=None).values_list("pk", flat=True)
    products = DataProduct.objects.filter(is_published=True).values_list("pk", flat=True)
    return {*(("table", pk) for pk in tables), *(("product", pk) for pk in products)}


def make_texts(lots: random.Random) -> list[str]:
    """Words, questions, beginnings, phrases, alternatives, exclusions, exact names and misspellings."""
    texts = [" ".join(lots.choices(WORDS, k=count)) for count in (1, 2, 3, 4, 6)]
    one, other = lots.choices(WORDS, k=2)
    texts += [one[:4], f"{one} {other[:3]}", f'"{one} {other}"', f"{one} or {other}", f"{one} -{other}"]
    texts += [f"where is the {one} of the {other}", one.replace("a", "e"), f"{one} nothing"]
    names = [
        *DataProduct.objects.values_list("name", flat=True),
        *Table.objects.values_list("name", flat=True),
    ]
    return (
        texts + lots.sample(names, 6) + lots.sample([*DataProduct.objects.values_list("slug", flat=True)], 2)
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_rare", [True, False])
def test_only_what_is_visible_is_found_and_counted(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch, seed: int, *, is_rare: bool
) -> None:
    lots = random.Random(seed)
    fill(shelf, lots)
    visible = list_visible()
    if not is_rare:
        monkeypatch.setattr(RareTermPlan, "find", lambda *_: None)
    for text in make_texts(lots):
        result = search(SearchQuery(text=text), person=shelf.ana, limit=200)
        found = [(hit.kind, hit.pk) for hit in result.hits]
        domains = [value.count for facet in result.facets if facet.name == "domain" for value in facet.values]

        assert set(found) <= visible, text
        assert len(set(found)) == len(found) == result.total, text
        assert sum(domains) == result.total, text
