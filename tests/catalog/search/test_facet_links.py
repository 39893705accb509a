"""Following the link of a facet's value finds as much as the value was offered with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from unittest.mock import patch
from urllib.parse import urlencode

import pytest

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.facets import FacetValue
from catalog.search.index.vocabulary import count_words
from catalog.search.results import SearchResult
from catalog.search.text_queries import Lookup
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    make_sample_catalog,
    observe_select,
    reindex,
    search_as_ana,
)

pytestmark = pytest.mark.django_db
SEVERAL_VALUED = ("classification", "region", "format", "tag")


@pytest.fixture
def shelf() -> SampleCatalog:
    """Eight tables in four domains, two of which have "insurance" in their names, with tags, formats and ages."""
    shelf = make_sample_catalog()
    catalog = shelf.claims_table.database.catalog
    domains = [shelf.insurance, None, factories.make_domain(factories.make_team("Motor"), "Motor Insurance")]
    for at in range(8):
        database = factories.make_database(catalog, domains[at % 3], f"db_{at}")
        table = factories.make_table(database, f"claim_{at}", ["id"], sensitive=["id"] if at % 4 == 0 else [])
        Table.objects.filter(pk=table.pk).update(
            tags={"line": ("a", "b")[at % 2], "tier": ("gold", "tier 1")[at % 2]},
            data_format=("parquet", "Apache Iceberg", "")[at // 3],
            kind=("EXTERNAL_TABLE", "VIRTUAL_VIEW")[at // 4],
            glue_updated_at=(clock.now() - timedelta(days=3 * at, hours=2)).astimezone(UTC).isoformat(),
        )
    several = factories.make_product(
        shelf.insurance, shelf.ines, list(Table.objects.filter(name__in=("claim_0", "claim_3"))), "Claim mix"
    )
    DataProduct.objects.filter(pk=several.pk).update(tier="bronze")
    observe_select(shelf.claims_table, factories.make_principal(shelf.bi).arn)
    reindex()
    count_words()
    return shelf


@contextmanager
def rare_words(*, are_rare: bool) -> Iterator[None]:
    """Both forms of the general plan find the same; words of a small catalog are all rare."""
    if are_rare:
        yield
        return
    with patch.object(Lookup, "is_rare", property(lambda _: False, lambda *_: None)):
        yield


def unchosen(result: SearchResult) -> list[tuple[str, FacetValue]]:
    return [(facet.name, value) for facet in result.facets for value in facet.values if not value.chosen]


def values_of(result: SearchResult, name: str) -> tuple[FacetValue, ...]:
    return next(facet.values for facet in result.facets if facet.name == name)


TEXTS = [
    "claim",
    "claim domain:insurance",
    "claim domain:motor",
    "claim -domain:motor team:insurance",
    'claim domain:motor domain:insurance tier:"tier 1"',
    "claim -tag:line=a",
    "tag:line -format:parquet claim",
    "claim -classification:sensitive classification:public",
    "claim fresh:<8d -fresh:<2d",
    "claim fresh:>9d type:view",
    "claim -type:view region:eu-central-1 -region:eu-west-1",
    "claim has:access account:insurance",
    "claim -has:access -account:insurance",
    "domain:insurance",
    "domain:insurance domain:insurance DOMAIN:motor",
    "claim title:x fresh:yesterday tier:gold",
]


def find_wrong_counts(shelf: SampleCatalog, text: str) -> Iterator[tuple[str, str, FacetValue]]:
    result = search_as_ana(shelf, urlencode({"q": text}))
    assert unchosen(result), text
    for facet, value in unchosen(result):
        if search_as_ana(shelf, value.querystring).total != value.count:
            yield text, facet, value


@pytest.mark.parametrize("are_rare", [True, False])
def test_a_link_finds_the_count_of_its_value(shelf: SampleCatalog, *, are_rare: bool) -> None:
    with rare_words(are_rare=are_rare):
        wrong = [one for text in TEXTS for one in find_wrong_counts(shelf, text)]
    assert not wrong


@pytest.mark.parametrize("text", ["claim domain:motor tag:line=a", "claim -type:view"])
def test_links_of_a_search_with_chosen_values(shelf: SampleCatalog, text: str) -> None:
    wrong = []
    for name, link in unchosen(search_as_ana(shelf, f"q={text}")):
        chosen = search_as_ana(shelf, link.querystring)
        for facet, value in unchosen(chosen):
            found = search_as_ana(shelf, value.querystring).total
            is_alternative = facet == name and facet not in ("fresh", "used")
            before = chosen.total if is_alternative else 0
            if found != before + value.count and not (is_alternative and facet in SEVERAL_VALUED):
                wrong.append((link, facet, value))
    assert not wrong


def test_a_click_replaces_the_typed_filter(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=claim+domain:motor+-domain:credit+tier:gold")
    links = {value.label: value for value in values_of(result, "domain")}

    slug = shelf.insurance.slug
    assert links["Insurance"].querystring == f"q=claim+-domain%3Acredit+tier%3Agold&domain={slug}"
    assert (links["Motor Insurance"].chosen, links["Insurance"].chosen) == (True, False)
    assert links["Motor Insurance"].querystring == "q=claim+-domain%3Acredit+tier%3Agold"


def test_a_typed_filter_that_names_two_values_chooses_none(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=claim+domain:insurance")

    assert {value.label: value.chosen for value in values_of(result, "domain")} == {
        "Insurance": False,
        "Motor Insurance": False,
    }


def test_an_excluded_value_is_not_offered(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=claim+-tag:line=a")

    assert {value.value: value.count for value in values_of(result, "tag")} == {
        "line=b": 3,
    }
