"""What is not published, or no longer there, is neither shown nor counted."""

import pytest

from audit import clock
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from tests.catalog.sample_catalog import SampleCatalog, list_hit_names, make_sample_catalog, search_as_ana

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
