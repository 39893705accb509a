"""Filters can be typed: they narrow like facets, are taken back one by one, and no text is an error."""

import pytest

from catalog.mirror.models import Table
from catalog.search.query import SearchQuery, explain_unknown, parse_text
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    observe_select,
    search_as_ana,
)
from tests.catalog.search.test_facets import facet, get_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    Table.objects.filter(pk=shelf.claims_table.pk).update(tags={"tier": "gold", "line": "P&C_50%"})
    observe_select(shelf.claims_table, factories.make_principal(shelf.bi).arn)
    return shelf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("domain:insurance", ["Claims", "gold_claimHistory"]),
        ("DOMAIN:Insurance claim", ["Claims", "gold_claimHistory"]),
        ('domain:"credit cards"', ["Card Spend"]),
        ("domain:insurance domain:credit", ["Card Spend", "Claims", "gold_claimHistory"]),
        ("-domain:insurance", ["Card Spend"]),
        ("owner:ines", ["Card Spend", "Claims"]),
        ("account:insurance tier:gold", ["Claims"]),
        ("tier:Silver", ["Card Spend"]),
        ("column:merchant", ["Card Spend"]),
        ("column:paidAmount", ["Claims"]),
        ("column:claim_id", ["Claims"]),
        ("column:claimXid", []),
        ("column:claims", []),
        ("-column:merchant", ["Claims", "gold_claimHistory"]),
        ("tag:tier=gold", ["Claims"]),
        ("tag:line=P&C_50%", ["Claims"]),
        ("tag:line=P", []),
        ("tag:line", ["Claims"]),
        ("-tag:tier=gold", ["Card Spend", "gold_claimHistory"]),
        ("classification:sensitive", ["Claims"]),
        ("has:access", ["Claims"]),
        ("-has:access claim", ["gold_claimHistory"]),
        ("domain:", ["Card Spend", "Claims", "gold_claimHistory"]),
        ("domain:none", []),
        ('"card spend" -claims', ["Card Spend"]),
    ],
)
def test_typed_filters_narrow(shelf: SampleCatalog, text: str, expected: list[str]) -> None:
    query = SearchQuery.parse("").from_parameters({"q": [text]})

    assert sorted(list_hit_names(search_as_ana(shelf, query.to_querystring()))) == expected


@pytest.mark.parametrize(
    "text", ["domain:'; DROP", "column:%", "column:''", "tag:=", "tag:a=\\", 'owner:"', "x:y:z"]
)
def test_hostile_filters_are_only_text(shelf: SampleCatalog, text: str) -> None:
    search_as_ana(shelf, SearchQuery(text=text).to_querystring())


def test_a_typed_value_is_chosen_in_its_facet_and_leaves_its_counts_alone(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=claim+domain:insurance")

    insurance = next(value for value in facet(result, "domain").values if value.label == "Insurance")
    assert (insurance.chosen, insurance.querystring) == (True, "q=claim")
    assert get_counts(search_as_ana(shelf, "q=domain:insurance"), "domain") == {
        "Credit Cards": 1,
        "Insurance": 2,
    }
    assert get_counts(search_as_ana(shelf, "q=domain:insurance"), "tier") == {"Gold": 1}


def test_a_filter_is_taken_out_of_the_text(shelf: SampleCatalog) -> None:
    query = SearchQuery(text='claim domain:"credit cards" tier:gold')

    assert query.without(query.typed.filters[0]).text == "claim tier:gold"


def test_unknown_filters_are_not_searched_as_words() -> None:
    said = parse_text("title:red claim -owner_team:x has:wings fresh:yesterday tier:gold")

    assert said.words == "claim"
    assert [(each.name, each.value) for each in said.unknown] == [
        ("title", "red"),
        ("owner_team", "x"),
        ("has", "wings"),
        ("fresh", "yesterday"),
    ]
    assert [each.name for each in said.filters] == ["tier"]


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example/a?b:c",
        "s3://lake/claims",
        "arn:aws:s3:::lake",
        "ARN:aws:glue:eu-central-1:111122223333:table/a/b",
        "10:30",
        "2026-01-01T10:30:00Z",
        "doi:10.5281/zenodo.1",
        "EPSG:4326",
        "std::vector",
        "file:/tmp/a",
        "Note: claims",
        "qq:*&|!()<->",
        '"title:red"',
    ],
)
def test_addresses_times_and_codes_are_words(text: str) -> None:
    said = parse_text(f"{text} x")

    assert (said.words, said.filters, said.unknown) == (f"{text} x", (), ())


def test_unknown_filters_are_explained() -> None:
    unknown = parse_text("title:a name:b type:file classification:secret used:few").unknown

    *invalid, names = explain_unknown(unknown)
    assert names.startswith(
        'There is no filter "title:" or "name:". Filters are account, classification, column,'
    )
    assert [each.partition(" takes ")[2] for each in invalid] == [
        "product, table or view.",
        "public, private or sensitive.",
        "a number of teams, for example 3.",
    ]
    assert unknown[0].message.startswith('There is no filter "title:". Filters')


def test_a_quoted_filter_is_a_phrase() -> None:
    assert parse_text('"domain: insurance" x').filters == ()
