"""Pages of webhooks: governance admins add, test and look at them; nobody else finds them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel import clock
from requests_app.notifications.change_deliveries import create_change_deliveries
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from tests import factories
from tests.bank import Bank
from tests.catalog.change_feed.test_feed import number, write_note
from tests.database import as_operator, as_role
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events

VALID = {"name": "Business catalog", "url": "https://hooks.example.com/in", "style": "json", "changes": "shared",
         "domain": "", "is_active": "on"}  # fmt: skip


@pytest.fixture
def greta(bank: Bank) -> Client:
    return make_client(bank.greta)


def add(greta: Client, **changes: Any) -> Any:
    return greta.post(reverse("webhook-new"), VALID | changes)


def deliver(bank: Bank) -> list[WebhookDelivery]:
    write_note(bank)
    number()
    with as_role("meshmarket_worker"):
        while create_change_deliveries(now=clock.now()):
            pass
    return list(WebhookDelivery.objects.filter(change__action="release_note"))


def test_the_secret_is_shown_once(greta: Client) -> None:
    made = add(greta)
    assert made.status_code == 201
    assert b"whsec_" in made.content
    webhook = Webhook.objects.get()
    page = greta.get(reverse("webhook", args=[webhook.pk])).content.decode()
    assert "whsec_" not in page
    assert "hooks.example.com" in page
    assert "/in" not in page.split("<main")[1].split("hooks.example.com")[1][:5]


@pytest.mark.parametrize(
    ("member", "value"),
    [("name", ""), ("url", ""), ("url", "http://hooks.example.com/"), ("url", "https://10.0.0.1/"), ("url", "https://localhost/"),
     ("style", "xml"), ("changes", "everything"), ("domain", "no-such")],
)  # fmt: skip
def test_an_invalid_member_is_refused_in_its_place(greta: Client, member: str, value: str) -> None:
    answer = add(greta, **{member: value})
    assert answer.status_code == 422
    assert b"aria-invalid" in answer.content
    assert not Webhook.objects.exists()


def test_a_test_is_a_delivery(greta: Client) -> None:
    add(greta)
    webhook = Webhook.objects.get()
    address = reverse("webhook-act", args=[webhook.pk])
    assert greta.post(address, {"do": "test"}).status_code == 302
    project_all_events()
    delivery = WebhookDelivery.objects.get()
    assert '"type": "test"' in delivery.body
    with as_operator():
        Webhook.objects.update(is_active=False)
    assert greta.post(address, {"do": "test"}).status_code == 422
    assert b"test_webhook" in greta.get(reverse("webhook", args=[webhook.pk])).content


def test_editing_without_an_address_keeps_it(greta: Client) -> None:
    add(greta)
    webhook = Webhook.objects.get()
    answer = greta.post(reverse("webhook-edit", args=[webhook.pk]), VALID | {"url": "", "name": "Renamed"})
    assert answer.status_code == 302
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url) == ("Renamed", VALID["url"])


def test_nobody_else_finds_them(bank: Bank, greta: Client) -> None:
    add(greta)
    pk = Webhook.objects.get().pk
    for person in (bank.ana, bank.ines):
        client = make_client(person)
        for name, args in (("webhooks", []), ("webhook-new", []), ("webhook", [pk]), ("webhook-edit", [pk])):
            assert client.get(reverse(name, args=args)).status_code == 404
        assert client.post(reverse("webhook-new"), VALID).status_code == 404
        assert client.post(reverse("webhook-act", args=[pk]), {"do": "test"}).status_code == 404
    assert not WebhookDelivery.objects.exists()


def test_changes_become_deliveries_once(bank: Bank, greta: Client) -> None:
    add(greta)
    (delivery,) = deliver(bank)
    assert delivery.change
    assert (delivery.event, delivery.message_id) == (None, str(delivery.change.token))
    assert f'"data_product": "{bank.product.slug}"' in delivery.body
    with as_role("meshmarket_worker"):
        assert create_change_deliveries(now=clock.now()) == 0


def test_a_webhook_without_changes_gets_none(bank: Bank, greta: Client) -> None:
    add(greta, changes="none", sends_events="on")
    assert deliver(bank) == []


def test_a_webhook_of_another_domain_gets_none(bank: Bank, greta: Client) -> None:
    add(greta, name="Ours", domain=bank.domain.slug)
    other = factories.make_domain(bank.bi, "Retail")
    add(greta, name="Theirs", domain=other.slug)
    assert [one.webhook.name for one in deliver(bank)] == ["Ours"]
