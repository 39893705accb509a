"""Searches go by quality, promises, age and reuse of the data, as they were stored last."""

from datetime import timedelta

import pytest
from django.db import connection

from catalog.freshness import FreshnessDay, FreshnessState
from catalog.products.models import DataProduct
from catalog.promises import record_promise_state
from catalog.search.facet_definitions import AGES
from catalog.search.index.indexing import store_quality_signals
from catalog.search.index.models import Document
from catalog.search.models import DEFAULTS, RankingWeights
from catalog.search.query import SearchQuery
from catalog.search.search import search
from kernel import clock
from tests.catalog.quality.samples import store
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    reindex,
    search_as_ana,
)
from tests.database import as_role

pytestmark = pytest.mark.django_db
NOTHING = dict.fromkeys(DEFAULTS, 0.0)


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    reindex()
    return shelf


def list_values(shelf: SampleCatalog, facet: str, querystring: str = "") -> list[tuple[str, int]]:
    result = search(SearchQuery.parse(querystring), person=shelf.ana)
    (found,) = [each for each in result.facets if each.name == facet]
    return [(each.value, each.count) for each in found.values if each.count]


def set_signals(product: DataProduct, **values: object) -> None:
    Document.objects.filter(pk=-product.pk).update(**values)


def test_documents_say_what_is_known_of_the_data(shelf: SampleCatalog) -> None:
    claims, spend, now = shelf.claims, shelf.card_spend, clock.now()
    store(shelf.claims_table, 2, 1)
    DataProduct.objects.filter(pk=claims.pk).update(quality_percent=90)
    DataProduct.objects.filter(pk=spend.pk).update(freshness_hours=24)
    with as_role("meshmarket_worker"):
        FreshnessDay.objects.create(
            product=spend, day=now.date(), state=FreshnessState.FRESH, age_minutes=5, promised_hours=24
        )
    assert store_quality_signals() == 3
    assert store_quality_signals() == 0
    assert read_document(-claims.pk) == read_document(shelf.claims_table.pk, "kept") == (66, "kept", 0)
    assert read_document(-spend.pk) == (None, "kept", 0)

    record_promise_state(product=claims, kind="quality", broken=True, promised="90%", fact="66%", now=now)
    with as_role("meshmarket_worker"):
        FreshnessDay.objects.update(day=now.date() - timedelta(days=2))
    assert store_quality_signals() == 2
    assert read_document(-claims.pk) == (66, "broken", 0)
    assert read_document(-spend.pk) == (None, "", 0)


def read_document(pk: int, promise: str | None = None) -> tuple[object, ...]:
    """A table has no promise of its own: `promise` stands in for it."""
    quality, own, derived = Document.objects.values_list("quality", "promise", "derived").get(pk=pk)
    return quality, own if promise is None else promise, derived


@pytest.mark.parametrize("querystring", ["", "q=c", "type=product", "q=claims"])
def test_each_facet_counts_what_its_filter_finds(shelf: SampleCatalog, querystring: str) -> None:
    set_signals(shelf.claims, quality=96, promise="broken")
    set_signals(shelf.card_spend, quality=80, promise="kept")
    for facet in ("quality", "promise"):
        for value, count in list_values(shelf, facet, querystring):
            narrowed = search(SearchQuery.parse(f"{querystring}&{facet}={value}"), person=shelf.ana)
            assert narrowed.total == count


def test_filters_leave_out_what_is_unknown(shelf: SampleCatalog) -> None:
    set_signals(shelf.claims, quality=96, promise="broken")
    set_signals(shelf.card_spend, quality=80, promise="kept")
    assert list_values(shelf, "quality") == [("95", 1), ("80", 2), ("0", 2)]
    assert list_hit_names(search_as_ana(shelf, "quality=95")) == [shelf.claims.name]
    assert list_hit_names(search_as_ana(shelf, "q=quality:96")) == [shelf.claims.name]
    assert list_hit_names(search_as_ana(shelf, "q=promise:kept")) == [shelf.card_spend.name]
    assert shelf.claims.name not in list_hit_names(search_as_ana(shelf, "q=-promise:broken"))
    assert search(SearchQuery.parse("q=quality:101"), person=shelf.ana).query.typed.unknown


def test_a_hit_says_its_quality(shelf: SampleCatalog) -> None:
    set_signals(shelf.claims, quality=96)
    hits = {hit.pk: hit for hit in search_as_ana(shelf, "type=product").hits}
    assert (hits[shelf.claims.pk].quality, hits[shelf.card_spend.pk].quality) == (96, None)


@pytest.mark.parametrize(
    ("weight", "better"),
    [
        ("quality", {"quality": 90}),
        ("promise", {"promise": "kept"}),
        ("freshness", {"fresh": "2999-01-01T00:00:00"}),
        ("lineage", {"derived": 4}),
    ],
)
def test_of_equals_the_more_trusted_comes_first(
    shelf: SampleCatalog, weight: str, better: dict[str, int | str]
) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(name="Loss Ratio")
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(summary="By loss.")
    reindex()
    Document.objects.update(fresh="2001-01-01T00:00:00")
    weights = {**NOTHING, "name": 1.0, "words": 1.0, weight: 1.0}
    RankingWeights.objects.create(**weights, reason="tried", set_by=shelf.ines, set_at=clock.now())
    for product, first in [(shelf.card_spend, "Card Spend"), (shelf.claims, "Loss Ratio")]:
        documents = Document.objects.filter(pk=-product.pk)
        before = documents.values(*better).get()
        documents.update(**better)
        assert list_hit_names(search_as_ana(shelf, "q=loss"))[0] == first
        documents.update(**before)


def test_the_database_has_the_same_defaults_and_ages() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields, boosts, own_domain, cardinality(ages) FROM catalog_ranking")
        fields, boosts, own_domain, ages = cursor.fetchone()
    names = ("popularity", "completeness", "quality", "promise", "freshness", "lineage")
    assert boosts == [DEFAULTS[name] for name in names]
    assert fields == pytest.approx([DEFAULTS[name] for name in ("parts", "parts", "words", "name")])
    assert (own_domain, ages) == (DEFAULTS["own_domain"], len(AGES))
