"""What is not published, or no longer there, is neither shown nor counted."""

import pytest

from audit import clock
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from tests.catalog.shelf import Shelf, find, make_shelf, names

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def test_an_unpublished_product_leaves_no_trace(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.cards.pk).update(is_published=False)

    result = find(shelf, "")

    assert names(result) == ["Claims", "gold_claimHistory"]
    assert all(value.label != "Credit Cards" for facet in result.facets for value in facet.values)
    assert find(shelf, "q=card_spend").total == 0


def test_a_table_that_is_gone_is_not_found(shelf: Shelf) -> None:
    Table.objects.filter(pk=shelf.free.pk).update(tombstoned_at=clock.now())

    assert find(shelf, "q=history").total == 0
