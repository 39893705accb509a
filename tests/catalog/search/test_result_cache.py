"""A page of results is kept for as long as a search would find the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from catalog.change_versions import MANY, Alteration, fold_alterations, state_of_catalog
from catalog.glossary.models import Term
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.search.index.glossary_keys import index_terms
from catalog.search.query import SearchQuery
from catalog.search.result_cache import cached_search
from catalog.search.results import SearchResult
from catalog.search.search import search
from fulfilment.observations.models import Observed
from identity.accounts.models import Account, Principal
from identity.people.models import Membership, Person, Team
from tests import factories
from tests.catalog.shelf import Shelf, make_shelf, names, observe_select, reindex
from tests.database import as_role

pytestmark = pytest.mark.django_db
KEPT = 2
"""Queries: for the teams, and for the state."""


@pytest.fixture
def shelf() -> Shelf:
    shelf = make_shelf()
    observe_select(shelf.claims_table, Principal.objects.get(name="bi-analyst").arn)
    return shelf


def found(person: Person, querystring: str = "q=claim") -> SearchResult:
    query = SearchQuery.parse(querystring)
    shown = cached_search(query, person=person, limit=20, offset=0)
    assert shown == search(query, person=person)
    return shown


def queries_of(person: Person, querystring: str = "q=claim") -> int:
    with CaptureQueriesContext(connection) as captured:
        cached_search(SearchQuery.parse(querystring), person=person, limit=20, offset=0)
    return len(captured)


def test_what_was_found_is_not_looked_for_again(shelf: Shelf) -> None:
    assert names(found(shelf.ana))
    assert queries_of(shelf.ana) == KEPT


def test_colleagues_find_the_same_and_others_for_themselves(shelf: Shelf) -> None:
    colleague = factories.make_person("Cem Ay")
    factories.join(shelf.bi.team, Membership.Role.MEMBER, [colleague])
    assert found(shelf.ana).hits[0].has_access
    assert queries_of(colleague) == KEPT
    assert not any(hit.has_access for hit in found(shelf.ines).hits)


def test_who_leaves_a_team_no_longer_finds_what_it_has(shelf: Shelf) -> None:
    assert names(found(shelf.ana, "access=have"))
    Membership.objects.filter(person=shelf.ana).delete()
    assert not names(found(shelf.ana, "access=have"))


@pytest.mark.parametrize("offset", [0, 1])
def test_each_page_is_kept_by_itself(shelf: Shelf, offset: int) -> None:
    found(shelf.ana, "")
    shown = cached_search(SearchQuery(), person=shelf.ana, limit=1, offset=offset)
    assert shown == search(SearchQuery(), person=shelf.ana, limit=1, offset=offset)


def aws_takes_it_back(_: Shelf) -> None:
    with as_role("meshmarket_worker"):
        Observed.objects.all().delete()


def a_product_is_unpublished(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)


def a_product_says_more(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(summary="Each claim since 1998.")


def a_table_is_described(shelf: Shelf) -> None:
    Table.objects.filter(pk=shelf.free.pk).update(description="What became of each claim.")


def a_table_is_new(shelf: Shelf) -> None:
    factories.make_table(shelf.free.database, "claim_reserves", ["status"])
    reindex()


def a_domain_is_renamed(shelf: Shelf) -> None:
    Domain.objects.filter(pk=shelf.insurance.pk).update(name="Assurance")


def an_owner_is_renamed(_: Shelf) -> None:
    Team.objects.filter(name="Insurance").update(name="Assurance")


def a_producer_is_renamed(_: Shelf) -> None:
    Account.objects.filter(name="Insurance").update(name="Assurance")


def a_role_is_gone(_: Shelf) -> None:
    Principal.objects.update(gone_at="2026-01-01T00:00Z")


@pytest.mark.parametrize(
    "alter",
    [
        aws_takes_it_back, a_product_is_unpublished, a_product_says_more, a_table_is_described, a_table_is_new,
        a_domain_is_renamed, an_owner_is_renamed, a_producer_is_renamed, a_role_is_gone,
    ],
)  # fmt: skip
def test_an_alteration_is_found_at_once(shelf: Shelf, alter: Callable[[Shelf], None]) -> None:
    before = found(shelf.ana)
    alter(shelf)
    assert found(shelf.ana) != before


def test_a_new_name_of_a_person_is_found_at_once(shelf: Shelf) -> None:
    assert not names(found(shelf.ana, "q=owner:rothe"))
    Person.objects.filter(pk=shelf.ines.pk).update(name="Ines Rothe")
    assert sorted(names(found(shelf.ana, "q=owner:rothe"))) == ["Card Spend", "Claims"]


def test_a_new_term_is_heard_at_once(shelf: Shelf) -> None:
    assert not found(shelf.ana).terms
    Term.objects.create(slug="claim", name="Claim", owner_team=shelf.bi.team)
    index_terms()
    assert [term.name for term in found(shelf.ana).terms] == ["Claim"]


def test_who_signs_in_alters_nothing(shelf: Shelf) -> None:
    before = state_of_catalog().marks
    Person.objects.filter(pk=shelf.ana.pk).update(last_login="2026-01-01T00:00Z")
    Table.objects.filter(name="there is none").update(name="still none")
    assert state_of_catalog().marks == before


def test_marks_are_folded_into_one_by_which_the_state_stays_the_same(shelf: Shelf) -> None:
    for number in range(MANY):
        Domain.objects.filter(pk=shelf.insurance.pk).update(name=f"Insurance {number}")
    before = state_of_catalog().marks
    with as_role("meshmarket_worker"):
        fold_alterations()
    subjects = Alteration.objects.order_by("subject").values_list("subject", flat=True)
    assert (list(subjects), state_of_catalog().marks) == (["catalog", "waiting"], before)


def test_what_grows_too_old_for_an_age_leaves_it(shelf: Shelf) -> None:
    Table.objects.update(glue_updated_at=clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert names(found(shelf.ana, "fresh=1d"))
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=25))
    assert not names(found(shelf.ana, "fresh=1d"))
