"""Each page answers, for whom it should; everyone else is told that there is nothing."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client


def test_every_page_sends_strangers_to_the_sign_in(bank: Bank) -> None:
    item = submit_bank_item(bank)
    addresses = [
        reverse("home"), reverse("data-product", args=[bank.product.slug]), reverse("table", args=[bank.claims.pk]),
        f"{reverse('access-request-new')}?table={bank.claims.pk}", reverse("access-requests"), reverse("access-request", args=[item.request_id]),
        reverse("reviews"), reverse("review", args=[item.pk]), reverse("grants"), reverse("keyboard-shortcuts"),
        reverse("data-product-access", args=[bank.product.slug]), reverse("demo-tour"), reverse("demo-break"),
    ]  # fmt: skip
    for address in addresses:
        answer = Client().get(address)
        leads = f"/sign-in/?next={quote(address)}"
        assert (answer.status_code, answer["Location"]) == (302, leads), address


def test_pages_open_to_those_who_may(bank: Bank) -> None:
    item = submit_bank_item(bank)
    for person, address in [
        (bank.ana, reverse("home")), (bank.ana, reverse("data-product", args=[bank.product.slug])),
        (bank.ana, reverse("table", args=[bank.claims.pk])), (bank.ana, f"{reverse('access-request-new')}?table={bank.claims.pk}"),
        (bank.ana, reverse("access-requests")), (bank.ana, reverse("access-request", args=[item.request_id])),
        (bank.ana, reverse("grants")), (bank.ines, reverse("reviews")),
        (bank.ines, reverse("review", args=[item.pk])), (bank.ana, reverse("demo-tour")),
        (bank.ines, reverse("data-product-access", args=[bank.product.slug])), (bank.ana, reverse("keyboard-shortcuts")),
    ]:  # fmt: skip
        answer = make_client(person).get(address)
        assert answer.status_code == 200, address
        assert "style=" not in answer.content.decode()
        assert "<script>" not in answer.content.decode()


def test_absent_and_forbidden_look_alike(bank: Bank) -> None:
    item = submit_bank_item(bank)
    grant = approve(bank, item)
    sam = make_client(bank.sam)
    for name, there in [("access-request", item.request_id), ("review", item.pk), ("grant-revoke", grant.pk)]:
        forbidden = sam.get(reverse(name, args=[there]))
        absent = sam.get(reverse(name, args=[987_654_321]))
        assert forbidden.status_code == absent.status_code == 404
        assert b"Nothing here" in forbidden.content
        assert b"Nothing here" in absent.content


def test_an_unknown_address_says_what_now_and_an_id_to_quote(bank: Bank) -> None:
    answer = make_client(bank.ana).get("/no/such/page")
    assert answer.status_code == 404
    assert b"Quote this ID when you ask for help" in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/healthz/live", "/healthz/ready"])
def test_health_needs_no_sign_in_and_no_https(address: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(address).status_code == 200


def test_policy_reports_are_taken_up_to_a_size() -> None:
    client = Client(enforce_csrf_checks=True)
    small = client.post("/csp-report/", b"{}", content_type="application/csp-report")
    large = client.post("/csp-report/", b"x" * 20_000, content_type="application/csp-report")
    assert (small.status_code, large.status_code) == (204, 413)


def test_the_policy_forbids_inline_scripts_and_styles(bank: Bank) -> None:
    policy = make_client(bank.ana).get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
