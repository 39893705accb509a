"""Baskets over HTTP."""

from typing import Any

import pytest
from django.test import Client

from requests_app.access_requests.models import AccessRequest
from requests_app.submission.models import BasketItem
from tests import factories
from tests.bank import Bank


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/baskets/{address}", body, content_type="application/json")


def words(bank: Bank, version: int) -> dict[str, Any]:
    end = factories.days_from_now(30).isoformat()
    return {
        "principal": bank.role.arn,
        "purpose": "Quarterly reserve report",
        "ends_at": end,
        "version": version,
    }


def test_tables_are_collected_shown_and_asked_for(ana: Client, bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, "policies")
    ask = {"table": bank.claims.pk, "columns": ["claim_id"], "product": bank.product.slug}
    post(ana, f"{bank.bi.slug}/items/", ask)
    shown = post(ana, f"{bank.bi.slug}/items/", {"table": other.pk, "whole_table": True}).json()
    assert ana.get(f"/api/baskets/{bank.bi.slug}/").json() == shown
    first = shown["items"][0]
    assert (first["table"]["name"], first["product"], first["not_asked_sensitive"], first["decided_by"]) == (
        "claims", bank.product.slug, ["iban"], bank.insurance.slug,
    )  # fmt: skip
    answer = post(ana, f"{bank.bi.slug}/submit", words(bank, shown["version"]))
    assert answer.status_code == 201
    assert [item["table"]["name"] for item in answer.json()["items"]] == ["claims", "policies"]
    assert ana.get(f"/api/baskets/{bank.bi.slug}/").json()["items"] == []


def test_what_does_not_stand_is_said_at_its_item(ana: Client, bank: Bank) -> None:
    answer = post(ana, f"{bank.bi.slug}/items/", {"table": bank.claims.pk, "columns": ["shoe_size"]})
    assert (answer.status_code, answer.json()["field"]) == (400, "items")
    for table in (bank.claims, factories.make_table(bank.claims.database, "policies")):
        post(ana, f"{bank.bi.slug}/items/", {"table": table.pk, "columns": ["amount"]})
    table.columns.get(name="amount").delete()
    answer = post(ana, f"{bank.bi.slug}/submit", words(bank, 2))
    assert (answer.status_code, answer.json()["field"]) == (400, "items.1")
    assert post(ana, f"{bank.bi.slug}/submit", words(bank, 1)).json()["field"] == "basket"
    assert not AccessRequest.objects.exists()
    ana.delete(f"/api/baskets/{bank.bi.slug}/items/{table.pk}/")
    assert [item.table for item in BasketItem.objects.all()] == [bank.claims]


def test_another_teams_basket_is_as_absent_as_none(client: Client, bank: Bank) -> None:
    client.force_login(bank.sam)
    for slug in (bank.bi.slug, "no-such-team"):
        assert client.get(f"/api/baskets/{slug}/").status_code == 404
        assert (
            post(client, f"{slug}/items/", {"table": bank.claims.pk, "columns": ["amount"]}).status_code
            == 404
        )
        assert client.delete(f"/api/baskets/{slug}/items/{bank.claims.pk}/").status_code == 404
        assert post(client, f"{slug}/submit", words(bank, 0)).status_code == 404


def test_of_a_table_that_is_hidden_by_now_the_api_tells_nothing(ana: Client, bank: Bank) -> None:
    post(ana, f"{bank.bi.slug}/items/", {"table": bank.claims.pk, "columns": ["amount"]})
    bank.product.is_published = False
    bank.product.save()
    (row,) = ana.get(f"/api/baskets/{bank.bi.slug}/").json()["items"]
    assert row["table"] is None
    assert row["problem"] == "This table is not in the catalog."
