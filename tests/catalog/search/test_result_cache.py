"""A page of results is kept for as long as a search would find the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.change_versions import MAX_MARKS, Alteration, get_catalog_version, merge_change_marks
from catalog.glossary.models import Term
from catalog.glossary.term_changes import index_terms
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import get_cached_search, search
from fulfilment.observations.models import ObservedPermission
from identity.accounts import Account, Principal
from identity.people.models import Membership, Person, Team
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    observe_select,
    reindex,
)
from tests.database import as_role

pytestmark = pytest.mark.django_db
QUERIES_WHEN_CACHED = 2
"""Queries: for the teams, and for the state."""


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    observe_select(shelf.claims_table, Principal.objects.get(name="bi-analyst").arn)
    return shelf


def search_cached(person: Person, querystring: str = "q=claim") -> SearchResult:
    query = SearchQuery.parse(querystring)
    shown = get_cached_search(query, person=person, limit=20, offset=0)
    assert shown == search(query, person=person)
    return shown


def count_queries(person: Person, querystring: str = "q=claim") -> int:
    with CaptureQueriesContext(connection) as captured:
        get_cached_search(SearchQuery.parse(querystring), person=person, limit=20, offset=0)
    return len(captured)


def test_what_was_found_is_not_looked_for_again(shelf: SampleCatalog) -> None:
    assert list_hit_names(search_cached(shelf.ana))
    assert count_queries(shelf.ana) == QUERIES_WHEN_CACHED


def test_colleagues_find_the_same_and_others_for_themselves(shelf: SampleCatalog) -> None:
    colleague = factories.make_person("Cem Ay")
    factories.add_members(shelf.bi.team, Membership.Role.MEMBER, [colleague])
    assert search_cached(shelf.ana).hits[0].has_access
    assert count_queries(colleague) == QUERIES_WHEN_CACHED
    assert not any(hit.has_access for hit in search_cached(shelf.ines).hits)


def test_who_leaves_a_team_no_longer_finds_what_it_has(shelf: SampleCatalog) -> None:
    assert list_hit_names(search_cached(shelf.ana, "access=have"))
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=shelf.ana).delete()
    assert not list_hit_names(search_cached(shelf.ana, "access=have"))


@pytest.mark.parametrize("offset", [0, 1])
def test_each_page_is_kept_by_itself(shelf: SampleCatalog, offset: int) -> None:
    search_cached(shelf.ana, "")
    shown = get_cached_search(SearchQuery(), person=shelf.ana, limit=1, offset=offset)
    assert shown == search(SearchQuery(), person=shelf.ana, limit=1, offset=offset)


def revoke_in_aws(_: SampleCatalog) -> None:
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.all().delete()


def unpublish_product(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)


def change_product_summary(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(summary="Each claim since 1998.")


def describe_table(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(description="What became of each claim.")


def add_table(shelf: SampleCatalog) -> None:
    factories.make_table(shelf.unlisted_table.database, "claim_reserves", ["status"])
    reindex()


def rename_domain(shelf: SampleCatalog) -> None:
    Domain.objects.filter(pk=shelf.insurance.pk).update(name="Assurance")


def rename_owner(_: SampleCatalog) -> None:
    Team.objects.filter(name="Insurance").update(name="Assurance")


def rename_producer(_: SampleCatalog) -> None:
    Account.objects.filter(name="Insurance").update(name="Assurance")


def delete_role(_: SampleCatalog) -> None:
    Principal.objects.update(gone_at="2026-01-01T00:00Z")


@pytest.mark.parametrize(
    "alter",
    [
        revoke_in_aws, unpublish_product, change_product_summary, describe_table, add_table,
        rename_domain, rename_owner, rename_producer, delete_role,
    ],
)  # fmt: skip
def test_an_alteration_is_found_at_once(shelf: SampleCatalog, alter: Callable[[SampleCatalog], None]) -> None:
    before = search_cached(shelf.ana)
    alter(shelf)
    assert search_cached(shelf.ana) != before


def test_a_new_name_of_a_person_is_found_at_once(shelf: SampleCatalog) -> None:
    assert not list_hit_names(search_cached(shelf.ana, "q=owner:rothe"))
    Person.objects.filter(pk=shelf.ines.pk).update(name="Ines Rothe")
    assert sorted(list_hit_names(search_cached(shelf.ana, "q=owner:rothe"))) == ["Card Spend", "Claims"]


def test_a_new_term_is_heard_at_once(shelf: SampleCatalog) -> None:
    assert not search_cached(shelf.ana).terms
    Term.objects.create(slug="claim", name="Claim", owner_team=shelf.bi.team)
    index_terms()
    assert [term.name for term in search_cached(shelf.ana).terms] == ["Claim"]


def test_who_signs_in_alters_nothing(shelf: SampleCatalog) -> None:
    before = get_catalog_version().version
    Person.objects.filter(pk=shelf.ana.pk).update(last_login="2026-01-01T00:00Z")
    Table.objects.filter(name="there is none").update(name="still none")
    assert get_catalog_version().version == before


def test_marks_are_folded_into_one_by_which_the_state_stays_the_same(shelf: SampleCatalog) -> None:
    for number in range(MAX_MARKS):
        Domain.objects.filter(pk=shelf.insurance.pk).update(name=f"Insurance {number}")
    before = get_catalog_version().version
    with as_role("meshmarket_worker"):
        merge_change_marks()
    subjects = Alteration.objects.order_by("subject").values_list("subject", flat=True)
    assert (list(subjects), get_catalog_version().version) == (["catalog", "page", "waiting"], before)


def test_what_grows_too_old_for_an_age_leaves_it(shelf: SampleCatalog) -> None:
    Table.objects.update(glue_updated_at=clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert list_hit_names(search_cached(shelf.ana, "fresh=1d"))
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=25))
    assert not list_hit_names(search_cached(shelf.ana, "fresh=1d"))
