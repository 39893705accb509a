"""The search follows each change of a term at once, through its cache and through cached completions."""

import pytest

from catalog.glossary.actions import approve_term, restore_term
from catalog.glossary.content import compute_term_digest
from catalog.glossary.link_actions import LinkTarget, link_term, unlink_term
from catalog.glossary.models import Term
from catalog.glossary.proposal_actions import approve_term_proposal
from catalog.products.models import Domain
from catalog.search.completion import refresh_prefix_cache, suggest
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import get_cached_search
from identity.people.models import Person
from kernel import clock
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog
from tests.glossary import add_term, change_term, get_shown, make_steward, propose_change, replace_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


@pytest.fixture
def steward() -> Person:
    return make_steward()


def list_terms(shelf: SampleCatalog, text: str) -> list[str]:
    return [term.label for term in find(shelf, text).terms]


def find(shelf: SampleCatalog, text: str) -> SearchResult:
    return get_cached_search(SearchQuery.parse(f"q={text}"), person=shelf.ana, limit=10, offset=0)


def list_names(shelf: SampleCatalog, text: str) -> list[str]:
    return [hit.name for hit in find(shelf, text).hits if not hit.missing]


def test_only_approved_terms_widen_a_search(shelf: SampleCatalog, steward: Person) -> None:
    assert list_names(shelf, "indemnity") == []
    term = add_term(steward, "Claim", shelf.insurance, synonyms=("indemnity",), is_approved=False)
    assert list_names(shelf, "indemnity") == []
    approve_term(acting_user=steward, slug=term.slug, shown=compute_term_digest(term), now=clock.now())
    assert "gold_claimHistory" in list_names(shelf, "indemnity")
    newer = add_term(steward, "Demand", shelf.insurance)
    replace_by(steward, term, newer)
    assert list_names(shelf, "indemnity") == list_terms(shelf, "indemnity") == []
    shown = compute_term_digest(Term.objects.get(pk=term.pk))
    restore_term(acting_user=steward, slug=term.slug, shown=shown, now=clock.now())
    assert "gold_claimHistory" in list_names(shelf, "indemnity")


def test_an_edit_and_an_approved_proposal_are_found_at_once(shelf: SampleCatalog, steward: Person) -> None:
    term = add_term(steward, "Claim", shelf.insurance)
    assert list_names(shelf, "indemnity") == []
    change_term(steward, term, synonyms=("indemnity",))
    assert "gold_claimHistory" in list_names(shelf, "indemnity")
    proposal = propose_change(shelf.ana, term, synonyms=("compensation",))
    assert list_names(shelf, "compensation") == []
    approve_term_proposal(
        acting_user=steward, proposal_id=proposal.pk, shown=get_shown(proposal), comment="", now=clock.now()
    )
    assert "gold_claimHistory" in list_names(shelf, "compensation")
    assert list_names(shelf, "indemnity") == []


def test_a_link_is_found_at_once(shelf: SampleCatalog, steward: Person) -> None:
    term = add_term(steward, "Footfall", None, shelf.insurance.owner_team)
    assert list_names(shelf, "footfall") == []
    said = {"acting_user": steward, "slug": term.slug, "now": clock.now()}
    link = link_term(target=LinkTarget(shelf.card_spend.slug), **said)  # type: ignore[arg-type]
    assert list_names(shelf, "footfall") == ["Card Spend"]
    unlink_term(link_id=link.pk, **said)  # type: ignore[arg-type]
    assert list_names(shelf, "footfall") == []


def test_both_meanings_of_a_word_are_shown_with_their_domains(shelf: SampleCatalog, steward: Person) -> None:
    ours = add_term(steward, "Claim", shelf.insurance, synonyms=("indemnity",))
    cards = Domain.objects.get(name="Credit Cards")
    theirs = add_term(steward, "Claim", cards, synonyms=("chargeback", "indemnity"))
    for text in ("claim", "indemnity"):
        assert list_terms(shelf, text) == ["Claim (Credit Cards)", f"Claim ({shelf.insurance.name})"]
    hit = find(shelf, "indemnity").hits[0]
    assert {reason.term for reason in hit.reasons} == {
        f"Claim (Credit Cards), Claim ({shelf.insurance.name})"
    }
    link_term(acting_user=steward, slug=ours.slug, target=LinkTarget(shelf.card_spend.slug), now=clock.now())
    spend = next(hit for hit in find(shelf, "claim").hits if hit.name == "Card Spend")
    assert [(one.field, one.text) for one in spend.reasons] == [("term", f"Claim ({shelf.insurance.name})")]
    offered = [(one.label, one.slug) for one in suggest("clai", person=shelf.ana) if one.kind == "term"]
    assert sorted(offered) == [
        ("Claim (Credit Cards)", theirs.slug),
        (f"Claim ({shelf.insurance.name})", ours.slug),
    ]


def test_the_name_of_a_domain_is_followed_by_cached_completions(
    shelf: SampleCatalog, steward: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.search.completion.MIN_WORDS", 0)
    term = add_term(steward, "Margin", shelf.insurance)
    refresh_prefix_cache(all_prefixes=True)
    Domain.objects.filter(pk=shelf.insurance.pk).update(name="Cover")
    assert "Margin (Cover)" in [one.label for one in suggest("m", person=shelf.ana)]
    refresh_prefix_cache(all_prefixes=False)
    replace_by(steward, term, add_term(steward, "Spread", shelf.insurance))
    assert "Margin (Cover)" not in [one.label for one in suggest("m", person=shelf.ana)]
    assert "Spread (Cover)" in [one.label for one in suggest("s", person=shelf.ana)]
