"""Facets narrow the search; each counts as if nothing of its own were chosen."""

import pytest

from catalog.facets import Facet
from catalog.models import Table
from catalog.search import SearchResult
from tests import factories
from tests.catalog.shelf import Shelf, find, make_shelf, names, observe_select

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def facet(result: SearchResult, name: str) -> Facet:
    return next(facet for facet in result.facets if facet.name == name)


def counts(result: SearchResult, name: str) -> dict[str, int]:
    return {value.label: value.count for value in facet(result, name).values}


def test_counts_of_all_facets(shelf: Shelf) -> None:
    result = find(shelf, "")

    assert counts(result, "domain") == {"Credit Cards": 1, "Insurance": 2}
    assert counts(result, "classification") == {"Public": 3, "Sensitive": 1}
    assert counts(result, "tier") == {"Silver": 1, "Gold": 1}
    assert counts(result, "producer") == {"Insurance": 2}
    assert counts(result, "access") == {"Can ask": 3}
    assert counts(result, "team") == {"Cards": 1, "Insurance": 2}
    assert counts(result, "region") == {"eu-central-1": 3}
    assert (counts(result, "format"), counts(result, "tag")) == ({}, {})


def test_formats_and_tags_of_tables_are_those_of_their_product(shelf: Shelf) -> None:
    tags = {"line": "insurance", "tier": "gold", "confidentiality": "public"}
    Table.objects.filter(pk=shelf.claims_table.pk).update(data_format="Parquet", tags=tags)
    Table.objects.filter(pk=shelf.free.pk).update(data_format="iceberg", tags={"line": "P&C, 50%"})

    result = find(shelf, "")

    assert counts(result, "format") == {"Parquet": 1, "iceberg": 1}
    assert counts(result, "tag") == {"line=insurance": 1, "line=P&C, 50%": 1}
    assert names(find(shelf, "tag=line%3DP%26C%2C+50%25")) == ["gold_claimHistory"]
    assert counts(find(shelf, "tag=line%3Dinsurance"), "tag") == {"line=insurance": 1, "line=P&C, 50%": 1}
    assert names(find(shelf, "format=Parquet")) == names(find(shelf, "q=format:parquet")) == ["Claims"]
    assert counts(find(shelf, "q=tag:line=insurance"), "tag") == {"line=insurance": 1, "line=P&C, 50%": 1}


def test_teams_and_regions_narrow(shelf: Shelf) -> None:
    team = shelf.insurance.owner_team.slug

    assert names(find(shelf, f"team={team}")) == ["Claims", "gold_claimHistory"]
    assert names(find(shelf, "q=team:cards+region:eu-central-1")) == ["Card Spend"]
    assert find(shelf, "region=eu-west-1").total == 0


def test_a_chosen_value_narrows_the_others_and_not_its_own_facet(shelf: Shelf) -> None:
    result = find(shelf, f"domain={shelf.insurance.slug}")

    assert names(result) == ["Claims", "gold_claimHistory"]
    assert counts(result, "domain") == {"Credit Cards": 1, "Insurance": 2}
    assert counts(result, "tier") == {"Gold": 1}


def test_two_values_of_one_facet_are_either_or(shelf: Shelf) -> None:
    assert names(find(shelf, "tier=gold&tier=silver&sort=name")) == ["Card Spend", "Claims"]


def test_a_chosen_value_that_nothing_has_can_be_taken_back(shelf: Shelf) -> None:
    result = find(shelf, "tier=bronze")

    bronze = next(value for value in facet(result, "tier").values if value.value == "bronze")
    assert (bronze.count, bronze.chosen, bronze.querystring) == (0, True, "")
    assert result.total == 0


def test_i_have_it_is_what_aws_was_seen_to_allow_my_teams(shelf: Shelf) -> None:
    role = factories.make_principal(shelf.bi)
    observe_select(shelf.claims_table, role.arn)

    result = find(shelf, "access=have")

    assert names(result) == ["Claims"]
    assert result.hits[0].has_access
    assert counts(result, "access") == {"I have it": 1, "Can ask": 2}


def test_access_of_another_team_is_not_mine(shelf: Shelf) -> None:
    other = factories.make_account(factories.make_team("ML"), name="ML")
    observe_select(shelf.claims_table, factories.make_principal(other, "ml-training").arn)

    assert find(shelf, "access=have").total == 0
