"""A search result as a file: all of it, of what the person may find, and harmless in a spreadsheet."""

import csv
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.products.models import DataProduct
from portal.pages.csv_cells import escape_formula
from tests import factories
from tests.bank import Bank
from tests.catalog.indexing import index_tables


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def read_export(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_all_of_a_result_as_csv(ana: Client, bank: Bank) -> None:
    index_tables([factories.make_table(bank.claims.database, "alone").pk])

    rows = list(csv.DictReader(read_export(ana, "/api/v1/search?format=csv").splitlines()))

    assert [(row["kind"], row["name"]) for row in rows] == [("data_product", "Claims"), ("table", "alone")]
    assert (rows[0]["id"], rows[0]["column_count"]) == (bank.product.slug, "3")
    assert rows[0]["classifications"] == "public sensitive"


def test_filters_hold_for_the_file(ana: Client, bank: Bank) -> None:
    assert read_export(ana, "/api/v1/search?format=csv&tier=bronze") == ""
    assert read_export(ana, "/api/v1/search?format=ndjson&q=column:none") == ""


def test_lines_of_json(ana: Client, bank: Bank) -> None:
    (line,) = read_export(ana, "/api/v1/search?format=ndjson").splitlines()

    assert json.loads(line)["name"] == "Claims"
    assert json.loads(line)["id"] == bank.product.slug


def test_what_is_hidden_is_in_no_file(ana: Client, bank: Bank) -> None:
    DataProduct.objects.update(is_published=False)

    assert read_export(ana, "/api/v1/search?format=ndjson") == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\uff1d1"])
def test_nothing_is_a_formula(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


def test_foreign_names_cannot_break_a_row(ana: Client, bank: Bank) -> None:
    DataProduct.objects.update(name='=cmd|"x"!A1,\n2')

    (row,) = csv.DictReader(read_export(ana, "/api/v1/search?format=csv").splitlines(keepends=True))
    assert row["name"] == '\'=cmd|"x"!A1,\n2'


def test_a_longer_file_costs_queries_by_batches_only(ana: Client, bank: Bank) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            read_export(ana, "/api/v1/search?format=csv")
        return len(caught)

    before = queries()
    for number in range(5):
        factories.make_table(bank.claims.database, f"more_{number}")
    assert queries() <= before


def test_strangers_get_no_file(client: Client, bank: Bank) -> None:
    assert client.get("/api/v1/search?format=csv").status_code == 401
