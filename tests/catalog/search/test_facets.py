"""Facets narrow the search; each counts as if nothing of its own were chosen."""

from datetime import UTC, timedelta
from urllib.parse import urlencode

import pytest

from catalog.mirror.models import Table
from catalog.products.models import ProductTable
from catalog.search.facets import Facet, build_facets
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from identity.accounts import Principal
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    observe_select,
    search_as_ana,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def facet(result: SearchResult, name: str) -> Facet:
    return next(facet for facet in result.facets if facet.name == name)


def get_counts(result: SearchResult, name: str) -> dict[str, int]:
    return {value.label: value.count for value in facet(result, name).values}


def test_counts_of_all_facets(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "")

    assert get_counts(result, "domain") == {"Credit Cards": 1, "Insurance": 2}
    assert get_counts(result, "classification") == {"Public": 3, "Sensitive": 1}
    assert get_counts(result, "tier") == {"Silver": 1, "Gold": 1}
    assert get_counts(result, "producer") == {"Insurance": 2}
    assert get_counts(result, "access") == {"I can request it": 3}
    assert get_counts(result, "team") == {"Cards": 1, "Insurance": 2}
    assert get_counts(result, "region") == {"eu-central-1": 3}
    assert get_counts(result, "type") == {"Data product": 2, "Table": 1}
    assert (get_counts(result, "format"), get_counts(result, "tag"), get_counts(result, "fresh")) == (
        {},
        {},
        {},
    )


def test_formats_and_tags_of_tables_are_those_of_their_product(shelf: SampleCatalog) -> None:
    tags = {"line": "insurance", "tier": "gold", "confidentiality": "public"}
    Table.objects.filter(pk=shelf.claims_table.pk).update(data_format="Parquet", tags=tags)
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(data_format="iceberg", tags={"line": "P&C, 50%"})

    result = search_as_ana(shelf, "")

    assert get_counts(result, "format") == {"Parquet": 1, "iceberg": 1}
    assert get_counts(result, "tag") == {"line=insurance": 1, "line=P&C, 50%": 1}
    assert list_hit_names(search_as_ana(shelf, "tag=line%3DP%26C%2C+50%25")) == ["gold_claimHistory"]
    assert get_counts(search_as_ana(shelf, "tag=line%3Dinsurance"), "tag") == {
        "line=insurance": 1,
        "line=P&C, 50%": 1,
    }
    assert (
        list_hit_names(search_as_ana(shelf, "format=Parquet"))
        == list_hit_names(search_as_ana(shelf, "q=format:parquet"))
        == ["Claims"]
    )
    assert get_counts(search_as_ana(shelf, "q=tag:line=insurance"), "tag") == {
        "line=insurance": 1,
        "line=P&C, 50%": 1,
    }


def test_teams_and_regions_narrow(shelf: SampleCatalog) -> None:
    team = shelf.insurance.owner_team.slug

    assert list_hit_names(search_as_ana(shelf, f"team={team}")) == ["Claims", "gold_claimHistory"]
    assert list_hit_names(search_as_ana(shelf, "q=team:cards+region:eu-central-1")) == ["Card Spend"]
    assert search_as_ana(shelf, "region=eu-west-1").total == 0


def test_a_chosen_value_narrows_the_others_and_not_its_own_facet(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, f"domain={shelf.insurance.slug}")

    assert list_hit_names(result) == ["Claims", "gold_claimHistory"]
    assert get_counts(result, "domain") == {"Credit Cards": 1, "Insurance": 2}
    assert get_counts(result, "tier") == {"Gold": 1}


def test_two_values_of_one_facet_are_either_or(shelf: SampleCatalog) -> None:
    assert list_hit_names(search_as_ana(shelf, "tier=gold&tier=silver&sort=name")) == ["Card Spend", "Claims"]


def test_a_chosen_value_that_nothing_has_can_be_taken_back(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "tier=bronze")

    bronze = next(value for value in facet(result, "tier").values if value.value == "bronze")
    assert (bronze.count, bronze.chosen, bronze.querystring) == (0, True, "")
    assert result.total == 0


def test_i_have_it_is_what_aws_was_seen_to_allow_my_teams(shelf: SampleCatalog) -> None:
    role = factories.make_principal(shelf.bi)
    observe_select(shelf.claims_table, role.arn)

    result = search_as_ana(shelf, "access=have")

    assert list_hit_names(result) == ["Claims"]
    assert result.hits[0].has_access
    assert get_counts(result, "access") == {"I have access": 1, "I can request it": 2}


def test_access_of_another_team_is_not_mine(shelf: SampleCatalog) -> None:
    other = factories.make_account(factories.make_team("ML"), name="ML")
    observe_select(shelf.claims_table, factories.make_principal(other, "ml-training").arn)

    assert search_as_ana(shelf, "access=have").total == 0


def test_what_an_account_may_pass_on_nobody_has_yet(shelf: SampleCatalog) -> None:
    observe_select(shelf.claims_table, factories.make_account_principal(shelf.bi).arn)

    assert search_as_ana(shelf, "access=have").total == 0


def test_who_has_no_role_can_ask_for_nothing(shelf: SampleCatalog) -> None:
    Principal.objects.update(gone_at=clock.now())

    assert get_counts(search_as_ana(shelf, ""), "access") == {"Not available to me": 3}
    assert list_hit_names(search_as_ana(shelf, "access=none&tier=gold")) == ["Claims"]


def test_a_product_without_tables_is_for_nobody(shelf: SampleCatalog) -> None:
    ProductTable.objects.filter(product=shelf.card_spend).delete()

    assert list_hit_names(search_as_ana(shelf, "access=none")) == ["Card Spend"]


def test_views_are_a_kind_of_their_own(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(kind="VIRTUAL_VIEW")

    assert get_counts(search_as_ana(shelf, ""), "type") == {"Data product": 2, "View": 1}
    assert (
        list_hit_names(search_as_ana(shelf, "type=view"))
        == list_hit_names(search_as_ana(shelf, "q=type:View"))
        == ["gold_claimHistory"]
    )
    assert list_hit_names(search_as_ana(shelf, "type=view&type=product&sort=name"))[0] == "Card Spend"


def set_updated(table: Table, hours: int) -> None:
    at = clock.now() - timedelta(hours=hours)
    Table.objects.filter(pk=table.pk).update(glue_updated_at=at.astimezone(UTC).isoformat())


def test_a_product_is_as_fresh_as_its_freshest_table(shelf: SampleCatalog) -> None:
    set_updated(shelf.claims_table, 30)
    set_updated(shelf.unlisted_table, 2)

    result = search_as_ana(shelf, "fresh=1d")

    assert list_hit_names(result) == ["gold_claimHistory"]
    assert get_counts(result, "fresh") == {"Within a day": 1, "Within 7 days": 2, "Within 30 days": 2}
    assert list_hit_names(search_as_ana(shelf, "fresh=1d&fresh=7d")) == ["Claims", "gold_claimHistory"]
    assert list_hit_names(search_as_ana(shelf, "sort=fresh")) == ["gold_claimHistory", "Claims", "Card Spend"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fresh:<1d", ["gold_claimHistory"]),
        ("fresh:3h", ["gold_claimHistory"]),
        ("fresh:<1w", ["Claims", "gold_claimHistory"]),
        ("fresh:>24H", ["Card Spend", "Claims"]),
        ("-fresh:<1d type:product", ["Card Spend", "Claims"]),
        ("fresh:1x", ["Card Spend", "Claims", "gold_claimHistory"]),
    ],
)
def test_freshness_can_be_typed(shelf: SampleCatalog, text: str, expected: list[str]) -> None:
    set_updated(shelf.claims_table, 30)
    set_updated(shelf.unlisted_table, 2)

    result = search_as_ana(shelf, urlencode({"q": text}))

    assert sorted(list_hit_names(result)) == expected
    assert [each.value for each in result.query.typed.unknown] == (["1x"] if text == "fresh:1x" else [])


def test_a_typed_age_is_the_facets_value(shelf: SampleCatalog) -> None:
    set_updated(shelf.unlisted_table, 2)

    chosen = [
        (each.value, each.chosen, each.querystring)
        for each in facet(search_as_ana(shelf, "q=fresh:%3C7d"), "fresh").values
    ]

    assert chosen[1] == ("7d", True, "")
    assert chosen[0][1] is False


def test_of_many_values_the_chosen_and_the_frequent_show_first() -> None:
    counts = [("region", f"r-{number:03}", "", number) for number in range(120)]
    (region,) = [
        each for each in build_facets(SearchQuery(region=("r-000",)), counts) if each.name == "region"
    ]

    assert [each.value for each in region.first] == ["r-000", *(f"r-{number}" for number in range(112, 120))]
    assert (len(region.rest), region.rest[0].value, region.rest[-1].value) == (92, "r-020", "r-111")
