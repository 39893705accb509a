"""A word finds what its synonym names, and the hit says so; links show what a person may see."""

import pytest

from catalog.glossary.models import Term, TermLink
from catalog.glossary.queries import build_term_page
from catalog.glossary.term_changes import index_terms
from catalog.products.models import DataProduct
from catalog.search.completion import suggest
from kernel.errors import NotFoundError
from tests.catalog.sample_catalog import SampleCatalog, list_hit_names, make_sample_catalog, search_as_ana

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    make_term(shelf, "Claim", ["indemnity", "loss event"])
    return shelf


def make_term(shelf: SampleCatalog, name: str, synonyms: list[str]) -> Term:
    team = shelf.insurance.owner_team
    slug = name.lower().replace(" ", "-")
    term = Term.objects.create(slug=slug, name=name, definition="…", synonyms=synonyms, owner_team=team)
    index_terms([term.pk])
    return term


@pytest.mark.parametrize(
    "text",
    ["indemnity", "Indemnities", "loss event", "losses events history", "claim history", "indemnity -paid"],
)
def test_a_synonym_finds_what_its_term_names(shelf: SampleCatalog, text: str) -> None:
    assert "gold_claimHistory" in list_hit_names(search_as_ana(shelf, f"q={text}"))


@pytest.mark.parametrize("text", ["event", "loss", "indemnity merchant", "-indemnity merchant status"])
def test_nothing_else_is_found_by_it(shelf: SampleCatalog, text: str) -> None:
    assert [hit.name for hit in search_as_ana(shelf, f"q={text}").hits if not hit.missing] == []


def test_a_hit_names_the_term_by_which_it_was_found(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=indemnity")

    assert [(term.name, term.others) for term in result.terms] == [("Claim", ("claim", "loss event"))]
    hit = next(hit for hit in result.hits if hit.kind == "table")
    assert [(each.field, each.text, each.spans, each.term) for each in hit.reasons] == [
        ("name", "gold_claimHistory", ((5, 10),), "Claim")
    ]


def test_a_synonym_of_several_words_is_marked_as_one(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(summary="No home loans here.")
    make_term(shelf, "Merchant", ["home loan"])

    assert search_as_ana(shelf, "q=merchant").hits[0].summary_spans == ((3, 13),)


def test_a_longer_term_hides_the_one_within_it(shelf: SampleCatalog) -> None:
    make_term(shelf, "Claim history", ["chronicle"])

    assert [term.name for term in search_as_ana(shelf, "q=claim history").terms] == ["Claim history"]


def test_a_linked_product_is_found_without_the_word(shelf: SampleCatalog) -> None:
    term = make_term(shelf, "Footfall", [])
    TermLink.objects.create(term=term, product=shelf.card_spend)

    hit = search_as_ana(shelf, "q=footfall").hits[0]

    assert (hit.name, [(each.field, each.text) for each in hit.reasons]) == (
        "Card Spend",
        [("term", "Footfall")],
    )


def test_what_is_not_published_is_not_given_away_by_a_term(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)
    term = make_term(shelf, "Footfall", [])
    TermLink.objects.create(term=term, product=shelf.card_spend)
    TermLink.objects.create(term=term, table=shelf.card_spend.tables.get())

    assert search_as_ana(shelf, "q=footfall").total == 0
    page = build_term_page(shelf.ana, "footfall")
    assert page.links == ()
    links = build_term_page(shelf.ines, "footfall").links
    assert [str(link.product or link.table) for link in links] == ["Card Spend", "cards_gold.card_spend"]


def test_terms_are_offered_by_the_start_of_any_of_their_names(shelf: SampleCatalog) -> None:
    for begun in ("inde", "loss e", "CLAI"):
        offered = [each.slug for each in suggest(begun, person=shelf.ana) if each.kind == "term"]
        assert offered == ["claim"], begun
    assert not [each for each in suggest("%", person=shelf.ana) if each.kind == "term"]


def test_there_is_no_page_of_a_term_that_is_not_there(shelf: SampleCatalog) -> None:
    with pytest.raises(NotFoundError):
        build_term_page(shelf.ana, "nothing")
