"""Offers over HTTP: shown to who sees the data product, made and retired by the owners of its data alone."""

from typing import Any

from catalog.products.offers.models import OfferVersion
from requests_app.access_requests.models import RequestItem
from tests.bank import Bank
from tests.offers import publish_draft
from tests.portal.api.calls import draft, place_of, read, send


def build_offer_body(bank: Bank, **changes: Any) -> dict[str, Any]:
    plain = {
        "data_product": bank.product.slug, "name": "For reporting", "target_kind": "tables",
        "tables": [str(bank.claims.pk)], "max_classification": "public", "uses": ["query", "metadata"],
        "max_duration": "P2D", "terms": {"text": "Name the source."},
    }  # fmt: skip
    return plain | changes


def version_said(bank: Bank, **changes: Any) -> dict[str, Any]:
    return {
        name: value for name, value in build_offer_body(bank, **changes).items() if name != "data_product"
    }


def published(bank: Bank) -> list[str]:
    return [one["id"] for one in read(bank.ana, "offers", data_product=bank.product.slug)["results"]]


def test_an_owner_makes_and_ends_an_offer(bank: Bank) -> None:
    first, again = (send(bank.ines, "offers", build_offer_body(bank), key="one") for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    offer = first.json()
    version = offer["draft"]
    assert (version["lifecycle"], version["uses"], version["max_duration"]) == (
        "draft", ["query", "metadata"], "P2D",
    )  # fmt: skip
    assert (version["terms"]["number"], offer["published"], published(bank)) == (1, None, [])
    publish = f"offers/{offer['id']}/versions/1/publish"
    assert send(bank.ines, publish).json()["lifecycle"] == "published"
    assert published(bank) == [offer["id"]]
    assert place_of(send(bank.ines, publish)) == "#"
    second = send(bank.ines, f"offers/{offer['id']}/versions", version_said(bank, summary="Second"))
    assert (second.status_code, second.json()["number"]) == (201, 2)
    assert read(bank.ines, f"offers/{offer['id']}")["draft"] == second.json()
    assert read(bank.ana, f"offers/{offer['id']}")["draft"] is None
    assert send(bank.ines, f"offers/{offer['id']}/retire").json()["published"] is None
    assert published(bank) == []


def test_what_does_not_stand_is_said_at_its_input(bank: Bank) -> None:
    for wrong, place in (
        ({"uses": ["x"]}, "#/uses"), ({"tables": []}, "#/tables"), ({"domain": "x"}, "#/domain"),
        ({"max_duration": "48"}, "#/max_duration"), ({"catalog": "x"}, "#/catalog"),
    ):  # fmt: skip
        answer = send(bank.ines, "offers", build_offer_body(bank, **wrong))
        assert answer.status_code in {400, 422}
        assert place_of(answer).startswith(place)


def test_nobody_else_makes_or_ends_one(bank: Bank) -> None:
    version = publish_draft(bank)
    for person in (bank.ana, bank.sam, bank.greta):
        for address, body in (
            ("offers", build_offer_body(bank)),
            (f"offers/{version.offer_id}/versions", version_said(bank)),
            (f"offers/{version.offer_id}/versions/1/publish", None),
            (f"offers/{version.offer_id}/retire", None),
        ):
            assert send(person, address, body).status_code == 404, (person, address)
    assert OfferVersion.objects.get().state == "published"


def test_one_requests_under_an_offer_and_accepts_its_terms(bank: Bank) -> None:
    version = publish_draft(bank)
    (offer,) = read(bank.ana, "offers")["results"]
    shown = offer["published"]
    assert (shown["terms"]["accepted"], shown["terms"]["text"]) == (False, "Name the source.")
    asked = draft(bank)
    asked["items"][0] |= {"offer_version": shown["id"], "use": "query"}
    refused = send(bank.ana, "access-requests", asked)
    assert (refused.status_code, place_of(refused)) == (422, "#/accepted_terms")
    answer = send(bank.ana, "access-requests", asked | {"accepted_terms": [shown["terms"]["id"]]}).json()
    item = answer["items"][0]
    assert (item["offer_version"]["url"], item["use"]) == (shown["url"], "query")
    assert read(bank.ana, f"offers/{version.offer_id}/versions/1")["terms"]["accepted"] is True
    assert RequestItem.objects.get().offer == version
