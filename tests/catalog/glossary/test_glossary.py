"""A word finds what its synonym names, and the hit says so; links show what a person may see."""

import pytest

from catalog.glossary.models import Term, TermLink
from catalog.glossary.queries import term_page
from catalog.products.models import DataProduct
from catalog.search.completion.suggestions import suggest
from catalog.search.index.glossary_keys import index_terms
from identity.errors import NotFoundError
from tests.catalog.shelf import Shelf, find, make_shelf, names

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    shelf = make_shelf()
    make_term(shelf, "Claim", ["indemnity", "loss event"])
    return shelf


def make_term(shelf: Shelf, name: str, synonyms: list[str]) -> Term:
    team = shelf.insurance.owner_team
    slug = name.lower().replace(" ", "-")
    term = Term.objects.create(slug=slug, name=name, definition="…", synonyms=synonyms, owner_team=team)
    index_terms([term.pk])
    return term


@pytest.mark.parametrize(
    "text",
    ["indemnity", "Indemnities", "loss event", "losses events history", "claim history", "indemnity -paid"],
)
def test_a_synonym_finds_what_its_term_names(shelf: Shelf, text: str) -> None:
    assert "gold_claimHistory" in names(find(shelf, f"q={text}"))


@pytest.mark.parametrize("text", ["event", "loss", "indemnity merchant", "-indemnity merchant status"])
def test_nothing_else_is_found_by_it(shelf: Shelf, text: str) -> None:
    assert names(find(shelf, f"q={text}")) == []


def test_a_hit_names_the_term_by_which_it_was_found(shelf: Shelf) -> None:
    result = find(shelf, "q=indemnity")

    assert [(term.name, term.others) for term in result.terms] == [("Claim", ("claim", "loss event"))]
    hit = next(hit for hit in result.hits if hit.kind == "table")
    assert [(each.field, each.text, each.spans, each.term) for each in hit.reasons] == [
        ("name", "gold_claimHistory", ((5, 10),), "Claim")
    ]


def test_a_synonym_of_several_words_is_marked_as_one(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.cards.pk).update(summary="No home loans here.")
    make_term(shelf, "Merchant", ["home loan"])

    assert find(shelf, "q=merchant").hits[0].summary_spans == ((3, 13),)


def test_a_longer_term_hides_the_one_within_it(shelf: Shelf) -> None:
    make_term(shelf, "Claim history", ["chronicle"])

    assert [term.name for term in find(shelf, "q=claim history").terms] == ["Claim history"]


def test_a_linked_product_is_found_without_the_word(shelf: Shelf) -> None:
    term = make_term(shelf, "Footfall", [])
    TermLink.objects.create(term=term, product=shelf.cards)

    hit = find(shelf, "q=footfall").hits[0]

    assert (hit.name, [(each.field, each.text) for each in hit.reasons]) == (
        "Card Spend",
        [("term", "Footfall")],
    )


def test_what_is_not_published_is_not_given_away_by_a_term(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.cards.pk).update(is_published=False)
    term = make_term(shelf, "Footfall", [])
    TermLink.objects.create(term=term, product=shelf.cards)
    TermLink.objects.create(term=term, table=shelf.cards.tables.get())

    assert find(shelf, "q=footfall").total == 0
    page = term_page(shelf.ana, "footfall")
    assert (page.products, page.links) == ((), ())
    assert [row.name for row in term_page(shelf.ines, "footfall").products] == ["Card Spend"]


def test_terms_are_offered_by_the_start_of_any_of_their_names(shelf: Shelf) -> None:
    for begun in ("inde", "loss e", "CLAI"):
        offered = [each.slug for each in suggest(begun, person=shelf.ana) if each.kind == "term"]
        assert offered == ["claim"], begun
    assert not [each for each in suggest("%", person=shelf.ana) if each.kind == "term"]


def test_there_is_no_page_of_a_term_that_is_not_there(shelf: Shelf) -> None:
    with pytest.raises(NotFoundError):
        term_page(shelf.ana, "nothing")
