"""Every hit says why it was found, whichever of its texts holds the word."""

import pytest

from catalog.mirror.models import Column, Database, Table
from catalog.products.models import DataProduct, Domain
from catalog.search.results import Reason
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, reindex, search_as_ana

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    DataProduct.objects.filter(pk=shelf.claims.pk).update(
        summary="Has azure.", description="Has beryl.", keywords=["copper"]
    )
    Domain.objects.filter(pk=shelf.insurance.pk).update(name="Insurance of dune")
    Table.objects.filter(pk=shelf.claims_table.pk).update(description="Has ember.")
    Column.objects.filter(table=shelf.claims_table, name="paidAmount").update(
        comment="Has flint <b>.", type="struct<a:int,garnetNo:struct<hazel_id:string>>"
    )
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(description="Has indigo.", owner="Jade Kiln")
    Database.objects.filter(pk=shelf.unlisted_table.database_id).update(name="lagoon_gold")
    reindex()
    return shelf


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("azure", Reason("summary", "", "Has azure.", ((4, 9),))),
        ("beryl", Reason("description", "", "Has beryl.", ((4, 9),))),
        ("copper", Reason("keyword", "", "copper", ((0, 6),))),
        ("dune", Reason("domain", "", "Insurance of dune", ((13, 17),))),
        ("ember", Reason("description", "claims", "Has ember.", ((4, 9),))),
        ("flint", Reason("comment", "claims.paidAmount", "Has flint <b>.", ((4, 9),))),
        ("garnet", Reason("field", "claims.paidAmount", "garnetNo", ((0, 6),))),
        ("hazel", Reason("field", "claims.paidAmount", "hazel_id", ((0, 5),))),
        ("indigo", Reason("description", "gold_claimHistory", "Has indigo.", ((4, 10),))),
        ("kiln", Reason("owner", "", "Jade Kiln", ((5, 9),))),
        ("lagoon", Reason("database", "", "lagoon_gold", ((0, 6),))),
        ("status", Reason("column", "gold_claimHistory", "status", ((0, 6),))),
    ],
)
def test_a_hit_says_which_of_its_texts_matched(shelf: SampleCatalog, word: str, reason: Reason) -> None:
    *_, hit = search_as_ana(shelf, f"q={word}").hits

    assert hit.reasons == (reason,)


def test_a_typed_column_is_the_reason(shelf: SampleCatalog) -> None:
    (hit,) = search_as_ana(shelf, "q=column:Amount+paid").hits

    assert hit.reasons == (Reason("column", "claims", "paidAmount", ((0, 4), (4, 10))),)


def test_an_excluded_column_is_no_reason(shelf: SampleCatalog) -> None:
    assert [hit.reasons for hit in search_as_ana(shelf, "q=-column:amount+status").hits] == [
        (Reason("column", "gold_claimHistory", "status", ((0, 6),)),)
    ]


def test_the_rarest_word_is_explained_first(shelf: SampleCatalog) -> None:
    Column.objects.filter(table=shelf.claims_table, name="claim_id").update(comment="Of a flint axe.")
    Column.objects.filter(table=shelf.unlisted_table).update(comment="Of an axe.")
    reindex()

    for text in ("axe beryl", "beryl axe"):
        hit = next(hit for hit in search_as_ana(shelf, f"q={text}").hits if hit.name == "Claims")
        assert [reason.text for reason in hit.reasons] == ["Has beryl.", "Of a flint axe."]
