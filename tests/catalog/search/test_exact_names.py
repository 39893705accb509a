"""A text that names something exactly gives its documents, and only those that everyone may find."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.text_queries import STATEMENT, build_exact_parameters, find_exact
from identity.people.models import Person
from kernel import clock
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(
        name="Spend on Cards, Zürich", slug="card-spend"
    )
    Table.objects.filter(pk=shelf.claims_table.pk).update(location="s3://acme-lake/claims/")
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(location="s3://acme-lake/claims/history")
    return shelf


def get_reader() -> Person:
    return Person.objects.get(name="Ana Keller")


def find_names(text: str) -> list[str]:
    return [
        DataProduct.objects.get(pk=-pk).name if pk < 0 else Table.objects.get(pk=pk).name
        for pk in find_exact(text, get_reader())
    ]


CARDS = "Spend on Cards, Zürich"


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spend on cards zurich", [CARDS]),
        ("Spend on Cards", []),
        ("card-spend", [CARDS]),
        ("card_spend", [CARDS]),
        ("cards_gold.card_spend", [CARDS]),
        ('"cards_gold"."card_spend"', [CARDS]),
        ("insurance_gold.card_spend", []),
        ("gold_claimhistory", ["gold_claimHistory"]),
        ("insurance_gold.gold_claimHistory", ["gold_claimHistory"]),
        ("awsdatacatalog.insurance_gold.gold_claimHistory", ["gold_claimHistory"]),
        ("s3://acme-lake/claims", ["Claims"]),
        ("s3://acme-lake/claims/part=1/a.parquet", ["Claims"]),
        ("s3a://acme-lake/claims/history/a.parquet", ["gold_claimHistory", "Claims"]),
        ("arn:aws:s3:::acme-lake/claims/*", ["Claims"]),
        ("s3://acme-lake/claim", []),
        ("s3://acme-lake", []),
        ("/data-products/card-spend/", [CARDS]),
        ("ines roth", ["Claims", CARDS]),
        ("Cards", [CARDS]),
        ("'", []),
        ("", []),
    ],
)
def test_a_whole_text_names_documents(text: str, expected: list[str]) -> None:
    assert find_names(text) == expected


def test_a_person_is_named_by_the_address(shelf: SampleCatalog) -> None:
    assert find_names(shelf.ines.email.upper()) == ["Claims", CARDS]


def test_an_arn_of_glue_names_its_table_or_its_database(shelf: SampleCatalog) -> None:
    catalog = shelf.unlisted_table.database.catalog
    glue = f"arn:aws:glue:{catalog.region}:{catalog.account.account_id}"

    assert find_names(f"{glue}:table/insurance_gold/gold_claimHistory") == ["gold_claimHistory"]
    assert find_names(f"{glue}:database/insurance_gold") == ["Claims", "gold_claimHistory"]
    assert find_names(f"arn:aws:glue:xx-nowhere-1:{catalog.account.account_id}:database/insurance_gold") == []


def test_a_table_is_named_by_its_id_and_page(shelf: SampleCatalog) -> None:
    pk = shelf.unlisted_table.pk

    for text in (f"#{pk}", f"/tables/{pk}/", f"https://portal.example/tables/{pk}"):
        assert find_exact(text, get_reader()) == (pk,)
    assert find_names(f"#{shelf.claims_table.pk}") == ["Claims"]


@pytest.mark.parametrize("text", ["Claims", "claims", "insurance_gold.claims", "s3://acme-lake/claims/"])
def test_what_is_hidden_is_not_named(shelf: SampleCatalog, text: str) -> None:
    assert find_exact(text, get_reader()) == (-shelf.claims.pk,)
    DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)

    assert find_exact(text, get_reader()) == ()


def test_a_table_that_is_gone_is_not_named(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())

    assert (
        find_exact("gold_claimHistory", get_reader())
        == find_exact(f"#{shelf.unlisted_table.pk}", get_reader())
        == ()
    )


def test_one_query_and_none_for_a_long_text(shelf: SampleCatalog) -> None:
    ana = get_reader()
    with CaptureQueriesContext(connection) as queries:
        find_exact("gold_claimHistory", ana)
        find_exact("who has the history of all claims by month and by line of business since then", ana)
    assert len(queries) == 1


def test_each_name_is_looked_up_in_an_index(shelf: SampleCatalog) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {STATEMENT}", build_exact_parameters("claims", get_reader()))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
