"""The catalog over HTTP, the description of the API, and readings of Glue."""

import gzip
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from catalog.search.index.indexing import index_products
from portal.api.openapi_pages import list_groups
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.database import as_role
from tests.portal.api.calls import read, without_id

DOCUMENT = Path(settings.ROOT) / "docs" / "openapi.yaml"
MAX_PAGE_BYTES = 200_000


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def test_search_finds_a_product_by_its_column(ana: Client, bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        index_tables([bank.claims.pk])
        index_products()
    found = read(ana, "search", q="iban")
    assert [(hit["kind"], hit["id"]) for hit in found["results"]] == [("data_product", bank.product.slug)]
    assert (found["total_count"], found["results"][0]["sensitive_column_count"]) == (1, 1)
    assert ana.get(found["results"][0]["url"]).json()["name"] == "Claims"
    assert read(ana, "search", q="zeppelin")["results"] == []
    assert ana.get("/api/v1/search?q=iban&offset=1").status_code == 400
    assert read(ana, "search", data_format="Parquet")["total_count"] == 0
    typed = read(ana, "search", q="iban tier:gold colour:red -has:access")
    assert [each["name"] for each in typed["filters"]] == ["tier", "has"]
    (unknown,) = typed["unknown_filters"]
    assert (unknown["name"], unknown["value"]) == ("colour", "red")
    assert unknown["message"].startswith('There is no filter "colour:".')
    assert [hit["id"] for hit in typed["results"]] == [bank.product.slug]


def test_data_products_and_tables(ana: Client, bank: Bank) -> None:
    (row,) = read(ana, "data-products", domain=bank.domain.slug)["results"]
    assert (row["id"], row["domain"]["id"], row["owner"]["name"]) == (
        bank.product.slug, bank.domain.slug, "Ines Roth",
    )  # fmt: skip
    product = ana.get(row["url"]).json()
    assert (product["name"], product["classification_counts"]) == ("Claims", {"public": 2, "sensitive": 1})
    table = read(ana, f"tables/{bank.claims.pk}")
    assert [column["name"] for column in table["columns"]] == ["claim_id", "amount", "iban"]
    (short,) = product["tables"]
    assert {name: table[name] for name in short} == short
    assert [one["id"] for one in table["data_products"]] == [bank.product.slug]


def test_what_is_not_published_is_absent(ana: Client, bank: Bank) -> None:
    bank.product.is_published = False
    bank.product.save()
    absent = ana.get("/api/v1/data-products/nothing")
    assert absent.status_code == 404
    for address in (f"data-products/{bank.product.slug}", f"tables/{bank.claims.pk}"):
        assert without_id(read(ana, address)) == without_id(absent.json())
    assert read(ana, "data-products")["results"] == []


def test_the_written_description_is_the_codes(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    said = "run manage.py spectacular --file docs/openapi.yaml"
    assert fresh.read_text() == DOCUMENT.read_text(), said


def test_the_schema_is_served(ana: Client) -> None:
    served = yaml.safe_load(ana.get("/api/v1/openapi.yaml").content)
    assert set(served["paths"]) == set(yaml.safe_load(DOCUMENT.read_text())["paths"])


def test_the_page_of_the_api_lists_every_operation_without_scripts(ana: Client) -> None:
    answer = ana.get("/api/docs/")
    assert "unsafe" not in answer["Content-Security-Policy"]
    page = answer.content.decode()
    document = yaml.safe_load(ana.get("/api/v1/openapi.yaml").content)
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    for one in operations:
        assert f'/api/docs/operations/{one["tags"][0]}/#{one["operationId"]}"' in page
    assert len(answer.content) < MAX_PAGE_BYTES


def test_the_page_of_a_group_describes_its_operations(ana: Client) -> None:
    for group in list_groups():
        answer = ana.get(f"/api/docs/operations/{group.name}/")
        page = answer.content.decode()
        targets = set(re.findall(r'href="#([^"]+)"', page)) - {"main"}
        assert targets <= set(re.findall(r'id="([^"]+)"', page)), group.name
        assert {operation.id for operation in group.operations} <= set(re.findall(r'id="([^"]+)"', page))
        assert len(gzip.compress(answer.content)) < MAX_PAGE_BYTES / 4

    page = ana.get("/api/docs/operations/access-requests/").content.decode()
    for shown in (
        "POST /api/v1/access-requests",
        "Idempotency-Key",
        '<h2 id="AccessRequestInput">',
        "Requests tables, one database or one set of LF-Tags.",
        "at most 100 items",
    ):
        assert shown in page
    assert ana.get("/api/docs/operations/nothing/").status_code == 404
