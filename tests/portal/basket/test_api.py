"""Baskets over HTTP."""

from typing import Any

import pytest
from django.test import Client

from requests_app.access_requests.models import AccessRequest
from requests_app.submission.models import BasketItem
from tests import factories
from tests.bank import Bank, decide_ten_times
from tests.portal.api.calls import draft, place_of, read, send, table_item


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def add(client: Client, slug: str, item: dict[str, Any]) -> Any:
    return send(client, f"baskets/{slug}/items", item)


def submit(client: Client, bank: Bank, slug: str, etag: str | None) -> Any:
    words = {name: value for name, value in draft(bank).items() if name != "items"}
    return send(client, f"baskets/{slug}/submit", words, **({"If-Match": etag} if etag else {}))


def test_tables_are_collected_shown_and_requested(ana: Client, bank: Bank) -> None:
    other, slug = factories.make_table(bank.claims.database, "policies"), bank.bi.slug
    add(ana, slug, table_item(bank.claims, "claim_id", data_product=bank.product.slug))
    shown = add(ana, slug, table_item(other, column_mode="all"))
    assert (shown.status_code, read(ana, f"baskets/{slug}")) == (201, shown.json())
    first, second = shown.json()["items"]
    assert (first["target"]["table"]["name"], first["data_product"]["id"], first["decided_by"]["id"]) == (
        "claims", bank.product.slug, bank.insurance.slug,
    )  # fmt: skip
    assert (first["sensitive_columns_left_out"], second["column_mode"]) == (["iban"], "all")
    answer = submit(ana, bank, slug, shown["ETag"])
    assert answer.status_code == 201
    names = [item["target"]["table"]["name"] for item in answer.json()["items"]]
    assert names == ["claims", "policies"]
    assert read(ana, f"baskets/{slug}")["items"] == []


def test_an_item_tells_how_long_its_decision_usually_takes(ana: Client, bank: Bank) -> None:
    decide_ten_times(bank)
    (item,) = add(ana, bank.bi.slug, table_item(bank.claims, "claim_id")).json()["items"]
    assert item["expected_wait"] == "P2D"


def test_what_does_not_stand_is_said_at_its_item(ana: Client, bank: Bank) -> None:
    slug = bank.bi.slug
    answer = add(ana, slug, table_item(bank.claims, "shoe_size"))
    assert (answer.status_code, place_of(answer)) == (422, "#")
    for table in (bank.claims, factories.make_table(bank.claims.database, "policies")):
        add(ana, slug, table_item(table, "amount"))
    table.columns.get(name="amount").delete()
    answer = submit(ana, bank, slug, '"2"')
    assert (answer.status_code, place_of(answer)) == (422, "#")
    assert table.name in answer.json()["detail"]
    assert not AccessRequest.objects.exists()
    assert ana.delete(f"/api/v1/baskets/{slug}/items/{table.pk}").status_code == 204
    assert [item.table for item in BasketItem.objects.all()] == [bank.claims]


def test_only_the_basket_that_was_read_is_submitted(ana: Client, bank: Bank) -> None:
    slug = bank.bi.slug
    etag = add(ana, slug, table_item(bank.claims, "amount"))["ETag"]
    add(ana, slug, table_item(bank.claims, "claim_id"))
    for sent, status in ((None, 428), (etag, 412), ("nonsense", 412)):
        assert submit(ana, bank, slug, sent).status_code == status
    assert not AccessRequest.objects.exists()


def test_another_teams_basket_is_as_absent_as_none(client: Client, bank: Bank) -> None:
    client.force_login(bank.sam)
    for slug in (bank.bi.slug, "no-such-team"):
        assert client.get(f"/api/v1/baskets/{slug}").status_code == 404
        assert add(client, slug, table_item(bank.claims, "amount")).status_code == 404
        assert client.delete(f"/api/v1/baskets/{slug}/items/{bank.claims.pk}").status_code == 404
        assert submit(client, bank, slug, '"0"').status_code == 404


def test_of_a_table_that_is_hidden_by_now_the_api_tells_nothing(ana: Client, bank: Bank) -> None:
    add(ana, bank.bi.slug, table_item(bank.claims, "amount"))
    bank.product.is_published = False
    bank.product.save()
    (row,) = read(ana, f"baskets/{bank.bi.slug}")["items"]
    assert row["target"] is None
    assert row["problem"] == "This table is not in the catalog."
