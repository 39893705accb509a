"""The owner ends many at once: a count before, one reason, the proof after."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from fulfilment.intents.models import Intent
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_request
from tests.engine_readings import record_presence_proof, write_presence
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client


@pytest.fixture
def grants(bank: Bank) -> list[Grant]:
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    return [
        approve(bank, submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get())
        for role in roles
    ]


def address(bank: Bank) -> str:
    return reverse("data-product-access-revoke", args=[bank.product.slug])


def live() -> int:
    return Grant.objects.filter(state="live").count()


def test_ticked_ones_are_counted_ended_and_followed_to_their_proof(bank: Bank, grants: list[Grant]) -> None:
    ines = make_client(bank.ines)
    page = ines.get(address(bank), {"grant": [grants[0].pk, grants[2].pk]})
    assert "Revoke 2 grants?" in page.content.decode()
    assert live() == 3
    answer = ines.post(address(bank), {"grants": page.context["grant_ids"], "reason": "The project is over."})
    assert live() == 1
    after = ines.get(answer["Location"]).content.decode()
    assert "0 of 2 removals confirmed in AWS" in after
    assert "The project is over." in after
    intent = Grant.objects.get(pk=grants[0].pk).intent
    record_presence_proof(intent)
    write_presence(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    after = ines.get(answer["Location"]).content.decode()
    assert "1 of 2 removals confirmed in AWS" in after
    assert "Credentials issued earlier may work until" in after
    assert "at" in parse_qs(urlsplit(answer["Location"]).query)


def test_all_of_a_product_are_those_that_were_shown(bank: Bank, grants: list[Grant]) -> None:
    ines = make_client(bank.ines)
    shown = ines.get(address(bank), {"all": "1"}).context["grant_ids"]
    late = factories.make_principal(bank.bi_account, "late")
    approve(bank, submit_bank_request(bank, principal=late, idempotency_key="late").items.get())
    ines.post(address(bank), {"grants": shown, "reason": "Moved."})
    assert list(Grant.objects.filter(state="live").values_list("principal__name", flat=True)) == ["late"]


def test_without_a_reason_nothing_ends_and_the_choice_stays(bank: Bank, grants: list[Grant]) -> None:
    ines = make_client(bank.ines)
    shown = ines.get(address(bank), {"grant": [grants[0].pk]}).context["grant_ids"]
    answer = ines.post(address(bank), {"grants": shown, "reason": " "})
    assert answer.status_code == 422
    assert "Give a reason" in answer.content.decode()
    assert answer.context["grant_ids"] == shown
    assert live() == 3


def test_a_second_click_is_told_that_all_have_ended(bank: Bank, grants: list[Grant]) -> None:
    ines = make_client(bank.ines)
    said = {"grants": ines.get(address(bank), {"all": "1"}).context["grant_ids"], "reason": "Moved."}
    ines.post(address(bank), said)
    answer = ines.post(address(bank), said)
    assert "All of these grants have already ended." in answer.content.decode()


def test_what_is_not_ones_own_to_end_is_neither_counted_nor_ended(bank: Bank, grants: list[Grant]) -> None:
    for person in (bank.sam, bank.ines):
        other = reverse("data-product-access-revoke", args=[bank.product.slug])
        rows = make_client(person).get(other, {"grant": [grants[0].pk, 999]}).context["rows"]
        assert [row.grant.pk for row in rows] == ([] if person == bank.sam else [grants[0].pk])
    answer = make_client(bank.sam).post(address(bank), {"grants": str(grants[0].pk), "reason": "Mine!"})
    assert answer.status_code == 404
    assert live() == 3


@pytest.mark.parametrize("at", ["", "x", "2026-13-40", "2020-01-01T00:00:00+00:00"])
def test_a_moment_at_which_nothing_ended_is_no_page(bank: Bank, at: str) -> None:
    assert (
        make_client(bank.ines)
        .get(reverse("data-product-access-revoked", args=[bank.product.slug]), {"at": at})
        .status_code
        == 404
    )


def test_over_http_several_end_and_a_second_time_none(bank: Bank, grants: list[Grant]) -> None:
    said = {"grants": [str(grants[0].pk), str(grants[1].pk)], "comment": "Moved."}
    first = send(bank.ines, "bulk-revocations", said)
    assert (first.status_code, first["Location"]) == (201, first.json()["url"])
    assert sorted(row["grant"]["id"] for row in first.json()["results"]) == sorted(said["grants"])
    assert {row["state"] for row in first.json()["results"]} == {"ending"}
    address = f"bulk-revocations/{first.json()['id']}"
    assert read(bank.ines, address) == first.json()
    assert make_client(bank.sam).get(f"/api/v1/{address}").status_code == 404
    assert send(bank.ines, "bulk-revocations", said).status_code == 422
    assert send(bank.sam, "bulk-revocations", said).status_code == 404
