"""Which completion comes first: by match, popularity and frequency, and never a stem that is no word."""

import pytest

from catalog.glossary.models import Term, TermLink
from catalog.products.models import DataProduct
from catalog.search import completion
from catalog.search.completion import MAX_EXACT, refresh_prefix_cache, suggest
from catalog.search.index.models import Document, IndexedWord
from catalog.search.index.vocabulary import add_words, count_words
from catalog.usage.recording import TeamUse, store_team_counts
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, reindex
from tests.catalog.search.completion.test_prefix_cache import is_cached
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def list_labels(shelf: SampleCatalog, text: str, *kinds: str) -> list[str]:
    return [found.label for found in suggest(text, person=shelf.ana) if found.kind in kinds]


def make_products(shelf: SampleCatalog, *names: str) -> dict[str, DataProduct]:
    made = {name: factories.make_product(shelf.insurance, shelf.ines, [], name) for name in names}
    reindex()
    return made


def make_product_with_words(shelf: SampleCatalog, name: str, description: str) -> None:
    made = factories.make_product(shelf.insurance, shelf.ines, [], name)
    DataProduct.objects.filter(pk=made.pk).update(description=description)


def set_teams(product: DataProduct, teams: int) -> None:
    Document.objects.filter(pk=-product.pk).update(teams=teams)


def test_a_whole_name_and_a_whole_word_and_the_start_of_a_name_come_first(shelf: SampleCatalog) -> None:
    made = make_products(shelf, "Zinc", "Ore of Zinc", "Zincs of May", "Old Zincs", "Zinc Ore")
    set_teams(made["Zincs of May"], 9)
    set_teams(made["Old Zincs"], 9)

    assert list_labels(shelf, "zinc", "product") == ["Zinc", "Zinc Ore", "Ore of Zinc", "Zincs of May"]


def test_the_more_popular_of_equal_matches_comes_first(shelf: SampleCatalog) -> None:
    made = make_products(shelf, "Zinc Ash", "Zinc Bar", "Zinc Car")
    set_teams(made["Zinc Car"], 3)
    set_teams(made["Zinc Bar"], 12)

    assert list_labels(shelf, "zin", "product") == ["Zinc Bar", "Zinc Car", "Zinc Ash"]


def test_numbers_in_equal_names_are_in_order(shelf: SampleCatalog) -> None:
    make_products(shelf, *(f"Zinc v{number}" for number in (10, 2, 1, 33, 4)))

    assert list_labels(shelf, "zin", "product") == ["Zinc v1", "Zinc v2", "Zinc v4", "Zinc v10"]


def test_a_name_with_all_words_comes_before_one_whose_text_has_the_others(shelf: SampleCatalog) -> None:
    make_product_with_words(shelf, "Lead", "Old zinc and more.")
    make_products(shelf, "Zinc Leads")

    assert list_labels(shelf, "zinc lead", "product") == ["Zinc Leads", "Lead"]


def test_a_term_is_as_popular_as_what_it_is_linked_to(shelf: SampleCatalog) -> None:
    team = shelf.insurance.owner_team
    terms = [
        Term.objects.create(slug=name, name=f"Zinc {name}", definition="A metal.", owner_team=team)
        for name in "ab"
    ]
    Term.objects.create(slug="ore", name="Ore", synonyms=["zinc ore"], definition="A metal.", owner_team=team)
    TermLink.objects.create(term=terms[1], product=shelf.claims)
    set_teams(shelf.claims, 4)
    assert list_labels(shelf, "zin", "term") == ["Zinc b", "Zinc a"]

    DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)
    assert list_labels(shelf, "zin", "term") == ["Zinc a", "Zinc b"]
    assert list_labels(shelf, "zinc o", "term") == ["Ore"]


def test_one_form_of_a_stem_is_offered_the_most_frequent(shelf: SampleCatalog) -> None:
    for number in range(3):
        make_product_with_words(shelf, f"One {number}", "zincs")
    make_product_with_words(shelf, "Two", "zinc zincs")
    make_product_with_words(shelf, "Three", "zinced")
    reindex()
    assert IndexedWord.objects.get(word="zinc").documents > IndexedWord.objects.get(word="zincs").documents

    assert list_labels(shelf, "zi", "word") == ["zincs"]
    assert list_labels(shelf, "zinc", "word") == ["zincs"]
    assert list_labels(shelf, "zince", "word") == ["zinced"]
    assert list_labels(shelf, "zincs", "word") == []


def test_a_form_that_only_hidden_documents_contain_is_not_offered(shelf: SampleCatalog) -> None:
    for number in range(3):
        make_product_with_words(shelf, f"One {number}", "zincs")
    make_product_with_words(shelf, "Two", "zinc")
    reindex()
    DataProduct.objects.filter(name__startswith="One").update(is_published=False)

    assert list_labels(shelf, "zi", "word") == ["zinc"]
    DataProduct.objects.filter(name="Two").update(is_published=False)
    assert list_labels(shelf, "zi", "word") == []


def test_of_frequent_stems_the_counts_choose_the_form(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_product_with_words(shelf, f"One {number}", "zincs")
    make_product_with_words(shelf, "Two", "zinc")
    reindex()
    candidates = completion._CANDIDATES
    by_counts = candidates.replace(f"documents <= {MAX_EXACT}", "documents <= 1")
    assert by_counts != candidates
    monkeypatch.setattr(completion, "_CANDIDATES", by_counts)

    assert list_labels(shelf, "zi", "word") == ["zincs"]


@pytest.mark.parametrize(
    ("stem", "text"), [("insur", "Insurance and insured."), ("histori", "A history, histories.")]
)
def test_a_stem_that_is_no_word_is_not_offered(shelf: SampleCatalog, stem: str, text: str) -> None:
    make_product_with_words(shelf, "One", text)
    reindex()
    add_words([stem])
    count_words()
    assert IndexedWord.objects.get(word=stem).documents > 0

    for length in range(2, len(stem) + 1):
        assert stem not in list_labels(shelf, stem[:length], "word")
    assert list_labels(shelf, stem[:-1], "word") != []


def test_changed_popularity_counts_with_its_commit(shelf: SampleCatalog) -> None:
    make_products(shelf, "Cab", "Cob")
    IndexedWord.objects.bulk_create(
        IndexedWord(word=f"c{number:03}", documents=0, trigrams=[]) for number in range(50)
    )
    refresh_prefix_cache(all_prefixes=True)
    before = list_labels(shelf, "c", "product")
    assert is_cached("c")
    assert before[-1] == "Cob"

    with as_role("meshmarket_worker"):
        store_team_counts(
            [TeamUse(shelf.claims_table.pk, DataProduct.objects.get(name="Cob").pk, shelf.bi.team_id)]
        )
    assert not is_cached("c")
    assert set(list_labels(shelf, "c", "product")[:2]) == {"Claims", "Cob"}

    refresh_prefix_cache(all_prefixes=False)
    assert is_cached("c")
    assert set(list_labels(shelf, "c", "product")[:2]) == {"Claims", "Cob"}
