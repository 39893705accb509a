"""Offers over HTTP: shown to who sees the product, made and ended by the owners of its data alone."""

from typing import Any

from django.test import Client

from catalog.products.offers.models import OfferVersion
from requests_app.access_requests.models import Item
from tests.bank import Bank
from tests.offering import in_force
from tests.portal.request_form.test_api import form


def said(bank: Bank, **changes: Any) -> dict[str, Any]:
    plain = {
        "name": "For reporting", "scope": "tables", "tables": [bank.claims.pk], "highest_class": "public",
        "uses": ["query", "metadata"], "longest_hours": 48, "terms": "Name the source.",
    }  # fmt: skip
    return plain | changes


def post(client: Client, address: str, body: Any = None, **headers: str) -> Any:
    return client.post(address, body or {}, content_type="application/json", headers=headers)


def test_an_owner_makes_and_ends_an_offer(client: Client, bank: Bank) -> None:
    client.force_login(bank.ines)
    address = f"/api/products/{bank.product.slug}/offers/"
    once = {"Idempotency-Key": "one"}
    first, again = (post(client, address, said(bank), **once) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    body = first.json()
    assert (body["state"], body["uses"], body["terms"]["number"]) == ("draft", ["query", "metadata"], 1)
    assert client.get(address).json() == []
    assert post(client, f"/api/offers/versions/{body['id']}/in-force").json()["state"] == "in_force"
    assert [one["id"] for one in client.get(address).json()] == [body["id"]]
    assert post(client, f"/api/offers/versions/{body['id']}/in-force").json()["field"] == "offer"
    assert post(client, f"/api/offers/{body['offer']}/withdraw").json()["state"] == "withdrawn"
    assert client.get(address).json() == []
    for wrong, field in (({"uses": ["x"]}, "uses"), ({"tables": []}, "tables"), ({"domain": "x"}, "domain")):
        answer = post(client, address, said(bank, **wrong))
        assert (answer.status_code, answer.json()["field"].split(".")[0]) == (400, field)


def test_nobody_else_makes_or_ends_one(client: Client, bank: Bank) -> None:
    version = in_force(bank)
    for person in (bank.ana, bank.sam, bank.greta):
        client.force_login(person)
        for address in (
            f"/api/products/{bank.product.slug}/offers/",
            f"/api/offers/versions/{version.pk}/in-force",
            f"/api/offers/{version.offer_id}/withdraw",
        ):
            assert post(client, address, said(bank)).status_code == 404, (person, address)
    assert OfferVersion.objects.get().state == "in_force"


def test_one_asks_under_an_offer_and_accepts_its_terms(client: Client, bank: Bank) -> None:
    version = in_force(bank)
    client.force_login(bank.ana)
    (shown,) = client.get(f"/api/products/{bank.product.slug}/offers/").json()
    assert (shown["accepted"], shown["terms"]["text"]) == (False, "Name the source.")
    asked = form(bank)
    asked["items"][0] |= {"offer": shown["id"], "use": "query"}
    refused = post(client, "/api/requests/", asked).json()
    assert (refused["code"], refused["field"]) == ("refused", "terms")
    answer = post(client, "/api/requests/", asked | {"accepts": [shown["terms"]["id"]]}).json()
    assert (answer["items"][0]["offer"], answer["items"][0]["use"]) == (version.pk, "query")
    assert client.get(f"/api/offers/versions/{version.pk}/").json()["accepted"] is True
    assert Item.objects.get().offer == version
