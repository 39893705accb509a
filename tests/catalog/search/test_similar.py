"""Similar products share rare words or glossary terms, and are only those that the person may see."""

import pytest

from catalog.products.models import DataProduct
from catalog.search.items import find_similar_products
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, reindex

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    for name, columns in [
        ("Hail Losses", ["hail_diameter", "reinsurer", "loss_amount"]),
        ("Storm Losses", ["wind_speed", "reinsurer", "loss_amount"]),
        ("Parking", ["bay", "plate"]),
    ]:
        table = factories.make_table(shelf.claims_table.database, name.lower().replace(" ", "_"), columns)
        factories.make_product(shelf.insurance, shelf.ines, [table], name)
    reindex()
    return shelf


def list_similar(shelf: SampleCatalog, name: str) -> dict[str, tuple[str, ...]]:
    product = DataProduct.objects.get(name=name)
    return {one.name: one.words for one in find_similar_products(shelf.ana, product.pk)}


def test_products_with_the_same_rare_words_are_similar(shelf: SampleCatalog) -> None:
    found = list_similar(shelf, "Hail Losses")
    assert next(iter(found)) == "Storm Losses"
    assert "reinsurer" in found["Storm Losses"]
    assert "Parking" not in found
    assert "Hail Losses" not in found


def test_shared_words_are_whole_words_and_no_stop_words(shelf: SampleCatalog) -> None:
    summary = "How insured parties, and what for, report their insurances"
    DataProduct.objects.filter(name__endswith="Losses").update(summary=summary)
    reindex()
    words = list_similar(shelf, "Hail Losses")["Storm Losses"]
    assert "loss amount" in words
    assert not {"how", "and", "what", "for", "their", "insur", "parti", "lossamount"} & {*words}


def test_what_the_person_may_not_see_is_not_named(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(name="Storm Losses").update(seen_by="domain", requested_by="domain")
    reindex()
    assert "Storm Losses" not in list_similar(shelf, "Hail Losses")


def test_a_product_without_anything_is_similar_to_nothing(shelf: SampleCatalog) -> None:
    factories.make_product(shelf.insurance, shelf.ines, [], "Alone")
    reindex()
    assert list_similar(shelf, "Alone") == {}
