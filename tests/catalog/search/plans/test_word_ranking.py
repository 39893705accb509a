"""Words are ranked by how rare they are and where they are found."""

import pytest

from catalog.products.models import DataProduct
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


def describe(shelf: SampleCatalog, **summaries: str) -> None:
    for name, summary in summaries.items():
        product = factories.make_product(shelf.insurance, shelf.ines, [], name)
        DataProduct.objects.filter(pk=product.pk).update(summary=summary)
    reindex()


def test_a_rare_word_outweighs_a_frequent_one(shelf: SampleCatalog) -> None:
    often = {f"Often{number}": "glacier" for number in range(20)}
    describe(shelf, **often, Rare="moraine", Both="glacier and moraine")

    assert list_hit_names(search_as_ana(shelf, "q=glacier+moraine+lake"))[:2] == ["Both", "Rare"]


def test_a_repeated_word_does_not_win_over_two_words(shelf: SampleCatalog) -> None:
    describe(shelf, Repeated="glacier " * 20, Both="glacier with a moraine", Other="moraine")

    assert list_hit_names(search_as_ana(shelf, "q=glacier+moraine+lake"))[0] == "Both"


def test_a_long_text_does_not_win_by_its_length(shelf: SampleCatalog) -> None:
    describe(shelf, Long="glacier " + " ".join(f"word{number}" for number in range(30)), Short="glacier")

    assert list_hit_names(search_as_ana(shelf, "q=glacier")) == ["Short", "Long"]


FILLER = " ".join(f"filler{number}" for number in range(150))


def test_words_that_stand_together_come_before_words_far_apart(shelf: SampleCatalog) -> None:
    describe(
        shelf,
        Apart="moraine " + " ".join(f"word{number}" for number in range(25)) + " glacier",
        Together="glacier with moraine " + " ".join(f"word{number}" for number in range(25)),
    )

    assert list_hit_names(search_as_ana(shelf, "q=glacier+moraine")) == ["Together", "Apart"]


def test_a_long_text_with_all_words_far_apart_comes_after_a_short_one_with_the_most_telling(
    shelf: SampleCatalog,
) -> None:
    describe(shelf, Glacier="The glacier of the moraine")
    product = DataProduct.objects.get(name="Glacier")
    DataProduct.objects.filter(pk=product.pk).update(name="Glacier moraine")
    describe(shelf, Warehouse="A warehouse")
    DataProduct.objects.filter(name="Warehouse").update(description=f"glacier {FILLER} moraine {FILLER} lake")
    reindex()

    found = search_as_ana(shelf, "q=glacier+moraine+lake")

    assert list_hit_names(found) == ["Glacier moraine", "Warehouse"]
    assert [hit.missing for hit in found.hits] == [("lake",), ()]
