"""The catalog over HTTP, the description of the API, and readings of Glue."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from catalog.search.index.indexing import index_products
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.database import as_role

DOCUMENT = Path(settings.ROOT) / "docs" / "openapi.yaml"


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def test_search_finds_a_product_by_its_column(ana: Client, bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        index_tables([bank.claims.pk])
        index_products()
    found = ana.get("/api/v1/search?q=iban").json()
    assert [(hit["kind"], hit["slug"]) for hit in found["hits"]] == [("product", bank.product.slug)]
    assert (found["total"], found["hits"][0]["sensitive_columns"]) == (1, 1)
    assert ana.get("/api/v1/search?q=zeppelin").json()["hits"] == []
    assert ana.get("/api/v1/search?q=iban&offset=99999").status_code == 400
    assert ana.get("/api/v1/search?format=Parquet").json()["total"] == 0
    typed = ana.get("/api/v1/search?q=iban+tier:gold+colour:red+-has:access").json()
    assert [each["name"] for each in typed["filters"]] == ["tier", "has"]
    assert typed["unknown_filters"] == ["colour:"]


def test_products_and_tables(ana: Client, bank: Bank) -> None:
    rows = ana.get("/api/v1/products").json()["results"]
    assert [row["slug"] for row in rows] == [bank.product.slug]
    product = ana.get(f"/api/v1/products/{bank.product.slug}").json()
    assert (product["product"]["name"], product["counts"]) == ("Claims", {"public": 2, "sensitive": 1})
    table = ana.get(f"/api/v1/tables/{bank.claims.pk}").json()
    assert [column["name"] for column in table["table"]["columns"]] == ["claim_id", "amount", "iban"]
    assert product["tables"] == [table["table"]]


def test_what_is_not_published_is_absent(ana: Client, bank: Bank) -> None:
    bank.product.is_published = False
    bank.product.save()
    absent = ana.get("/api/v1/products/nothing")
    assert absent.status_code == 404
    assert ana.get(f"/api/v1/products/{bank.product.slug}").json() == absent.json()
    assert ana.get(f"/api/v1/tables/{bank.claims.pk}").json() == absent.json()
    assert ana.get("/api/v1/products").json()["results"] == []


def test_the_written_description_is_the_codes(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    said = "run manage.py spectacular --file docs/openapi.yaml"
    assert fresh.read_text() == DOCUMENT.read_text(), said


def test_the_schema_is_served(ana: Client) -> None:
    served = yaml.safe_load(ana.get("/api/v1/schema").content)
    assert set(served["paths"]) == set(yaml.safe_load(DOCUMENT.read_text())["paths"])


def test_only_the_page_of_the_api_may_style_itself(ana: Client) -> None:
    policy = ana.get("/api/docs")["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy
    page = ana.get("/api/docs").content.decode()
    assert "<script>" not in page
    assert ana.get("/api/docs?script=")["Content-Type"] == "application/javascript"
    assert "unsafe-inline" not in ana.get("/api/v1/products")["Content-Security-Policy"]
