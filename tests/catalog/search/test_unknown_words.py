"""Which words of a search nothing visible contains."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.products.models import DataProduct
from catalog.search.query import SearchQuery
from catalog.search.spelling import find_unknown_words
from identity.people.models import Person
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def find_unknown(text: str) -> tuple[str, ...]:
    return find_unknown_words(SearchQuery(text), Person.objects.get(name="Ana Keller"))


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("xylophone claims", ("xylophone",)),
        ("quux xylophone", ("quux", "xylophone")),
        ("claims clai", ()),
        ("clai claims", ("clai",)),
        ("the claims", ()),
        ("merchants tier:bronze", ()),
        ("claims -xylophone", ()),
        ("tier:bronze", ()),
        ("", ()),
    ],
)
def test_words_are_unknown_whatever_the_filters(text: str, unknown: tuple[str, ...]) -> None:
    assert find_unknown(text) == unknown


def test_what_is_hidden_contains_nothing(shelf: SampleCatalog) -> None:
    assert find_unknown("spend") == ()
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)

    assert find_unknown("merchant zürich") == ("merchant", "zurich")


@pytest.mark.usefixtures("shelf")
def test_one_query_and_none_without_words() -> None:
    ana = Person.objects.get(name="Ana Keller")
    with CaptureQueriesContext(connection) as caught:
        find_unknown_words(SearchQuery("claims xylophone"), ana)
        find_unknown_words(SearchQuery("tier:gold"), ana)
    assert len(caught) == 1
