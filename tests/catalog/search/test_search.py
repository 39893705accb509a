"""People find products by the words they know, and see why something was found."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Column
from catalog.products.models import DataProduct
from catalog.search.index import vocabulary
from catalog.search.plans import rare_term_plan
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    reindex,
    search_as_ana,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("claim history", ["gold_claimHistory"]),
        ("claimhistory", ["gold_claimHistory"]),
        ("gold_claim", ["Claims", "gold_claimHistory"]),
        ("merchants", ["Card Spend"]),
        ("zurich", ["Card Spend"]),
        ("ZÜRI", ["Card Spend"]),
        ("paid amount", ["Claims"]),
        ("spend -merchant", []),
        ("merchant or paidAmount", ["Card Spend", "Claims"]),
        ("nothing like this", []),
        ("the of", []),
        ("!!!", []),
    ],
)
def test_words_find_what_holds_them(shelf: SampleCatalog, text: str, expected: list[str]) -> None:
    hits = search_as_ana(shelf, f"q={text}").hits
    assert sorted(hit.name for hit in hits if not hit.missing) == sorted(expected)


def test_products_come_before_tables_that_are_in_none(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=claim")

    assert [(hit.kind, hit.name) for hit in result.hits] == [
        ("product", "Claims"),
        ("table", "gold_claimHistory"),
    ]
    assert (result.total, result.products) == (2, 1)


def test_a_hit_says_what_matched_and_where(shelf: SampleCatalog) -> None:
    hit = search_as_ana(shelf, "q=paid").hits[0]

    assert [(r.field, r.subject, r.text, r.spans) for r in hit.reasons] == [
        ("column", "claims", "paidAmount", ((0, 4),))
    ]


def test_a_name_that_matches_is_marked_by_stem(shelf: SampleCatalog) -> None:
    assert search_as_ana(shelf, "q=claim").hits[0].name_spans == ((0, 6),)


def test_a_name_weighs_more_than_a_column(shelf: SampleCatalog) -> None:
    Column.objects.filter(name="merchant").update(comment="claims, claims and claims")
    reindex()

    assert list_hit_names(search_as_ana(shelf, "q=claims"))[:2] == ["Claims", "Card Spend"]


def test_order_by_name_and_by_age(shelf: SampleCatalog) -> None:
    assert list_hit_names(search_as_ana(shelf, "sort=name")) == ["Card Spend", "Claims", "gold_claimHistory"]
    assert list_hit_names(search_as_ana(shelf, "sort=newest")) == [
        "Card Spend",
        "Claims",
        "gold_claimHistory",
    ]
    DataProduct.objects.filter(pk=shelf.claims.pk).update(name="A first name")
    assert list_hit_names(search_as_ana(shelf, "sort=name"))[0] == "A first name"


@pytest.mark.parametrize(
    "text", ["'" * 300, '"' * 7, "qq:*&|!()<->", "\\", "%%%s %(x)s", "-" * 50, "x" * 10_000]
)
def test_hostile_text_is_only_text(shelf: SampleCatalog, text: str) -> None:
    result = search_as_ana(shelf, f"q={text.replace('%', '%25').replace('&', '%26')}")

    assert result.total == 0


@pytest.mark.parametrize(("times", "queries"), [(1, 12), (2, 7)])
def test_queries_do_not_grow_with_what_is_found(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch, times: int, queries: int
) -> None:
    """Stems, columns, codes and what the person may read are kept by the process, so that a page that was shown before
    takes five less.
    """
    monkeypatch.setattr(rare_term_plan, "_cached", rare_term_plan.FacetCodes())
    vocabulary._cache.clear()
    for _ in range(times):
        with CaptureQueriesContext(connection) as captured:
            search_as_ana(shelf, "q=claim")

    assert len(captured) == queries


def test_words_of_a_product_follow_its_tables(shelf: SampleCatalog) -> None:
    Column.objects.filter(name="paidAmount").delete()
    reindex()

    assert search_as_ana(shelf, "q=paid").total == 0
