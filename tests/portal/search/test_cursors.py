"""The cursor of the search: opaque, and good for one search and one person."""

from typing import Any

import pytest
from django.test import Client

from catalog.search.index.indexing import index_products
from tests import factories
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.database import as_role
from tests.portal.api.calls import place_of


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    tables = [factories.make_table(bank.claims.database, f"claims_{number}") for number in range(4)]
    with as_role("meshmarket_worker"):
        index_tables([table.pk for table in tables])
        index_products()
    client.force_login(bank.ana)
    return client


def search_json(client: Client, **said: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/search", said).json()
    return answer


def list_all_names(client: Client, **said: Any) -> list[str]:
    page = search_json(client, limit=2, **said)
    names = [hit["name"] for hit in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        names += [hit["name"] for hit in page["results"]]
    return names


def test_the_pages_are_the_whole(ana: Client) -> None:
    whole = [hit["name"] for hit in search_json(ana, q="claims", limit=100)["results"]]

    assert list_all_names(ana, q="claims") == whole
    assert len(whole) == 5


def test_a_correction_holds_on_all_pages(ana: Client) -> None:
    first = search_json(ana, q="clamis", limit=2)
    second = ana.get(first["next"]).json()

    assert (first["corrected"], second["corrected"]) == ("claims", "claims")
    assert len(list_all_names(ana, q="clamis")) == 5


def test_a_cursor_belongs_to_one_search_and_one_person(ana: Client, bank: Bank) -> None:
    cursor = search_json(ana, q="claims", limit=2)["next"].partition("cursor=")[2].partition("&")[0]

    for said in ({"q": "claim", "cursor": cursor}, {"q": "claims", "cursor": cursor[:-2]}, {"cursor": "x"}):
        answer = ana.get("/api/v1/search", said)
        assert (answer.status_code, place_of(answer)) == (400, "cursor")
    ana.force_login(bank.ines)
    assert ana.get("/api/v1/search", {"q": "claims", "cursor": cursor}).status_code == 400


def test_a_reason_says_where(ana: Client) -> None:
    reasons = [
        hit["matches"]
        for hit in search_json(ana, q="iban", limit=100)["results"]
        if hit["name"] == "claims_0"
    ]

    assert reasons == [
        [
            {
                "field": "column",
                "subject": "claims_0",
                "text": "iban",
                "spans": [[0, 4]],
                "term": None,
                "subject_count": 1,
            }
        ]
    ]
