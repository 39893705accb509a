"""Foreign systems are told: signed, once each, again when it failed, and never at an address inside."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings
from standardwebhooks import Webhook as Signer
from standardwebhooks import WebhookVerificationError

from audit.models import Event
from kernel import clock
from kernel.errors import ForbiddenError
from requests_app.notifications.webhooks.actions import change_secret, redeliver
from requests_app.notifications.webhooks.addresses import RefusedAddressError, find_url_problem, resolve_host
from requests_app.notifications.webhooks.deliveries import escape_for_slack
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from requests_app.notifications.webhooks.signatures import get_secret
from tests import factories
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_operator, as_role
from tests.requests_app.notifications.projection import project_all_events, reset_projection
from tests.workers.due_tasks import send_due
from workers.outbox import MAX_ATTEMPTS, send_delivery


@dataclass
class Receiver:
    """A foreign system: what it got, and which statuses it answers next (204 when none is left)."""

    url: str
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_INSIDE = True
    found = Receiver("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.requests.append((dict(self.headers), body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}/hook?team=bi"
        yield found
        server.shutdown()


def make_webhook(url: str, **fields: object) -> Webhook:
    with as_operator():
        return Webhook.objects.create(**{"name": "Tickets", "url": url} | fields)


def deliver_all(later: timedelta = timedelta()) -> int:
    project_all_events()
    with as_role("meshmarket_worker"):
        return send_due(WebhookDelivery, send_delivery, clock.now() + later)


def test_a_delivery_is_signed_over_its_id_time_and_body(bank: Bank, receiver: Receiver) -> None:
    webhook = make_webhook(receiver.url)
    item = submit_bank_item(bank)
    assert (deliver_all(), deliver_all()) == (1, 0)
    ((headers, body),) = receiver.requests
    said = Signer(get_secret(webhook)).verify(body, headers)
    assert headers["webhook-id"] == f"{said['id']}"
    with pytest.raises(WebhookVerificationError):
        Signer(get_secret(webhook)).verify(f"{body} ", headers)
    assert (said["verb"], said["kind"], said["items"]) == ("submit_access_request", "submitted", [item.pk])
    assert said["digest"] == Event.objects.get(pk=said["id"]).digest


def test_what_fails_is_tried_later_under_the_same_id_and_given_up_in_the_end(
    bank: Bank, receiver: Receiver
) -> None:
    make_webhook(receiver.url)
    submit_bank_item(bank)
    receiver.answers = [500, 302]
    assert deliver_all() == 0
    assert "answered 500" in WebhookDelivery.objects.get().failure
    assert deliver_all() == 0
    assert deliver_all(timedelta(minutes=1)) == 0
    assert deliver_all(timedelta(minutes=5)) == 1
    assert len({headers["webhook-id"] for headers, _body in receiver.requests}) == 1
    assert len({body for _headers, body in receiver.requests}) == 1
    submit_bank_request(bank, idempotency_key="form-2")
    receiver.answers = [503] * MAX_ATTEMPTS
    for hours in range(MAX_ATTEMPTS + 1):
        deliver_all(timedelta(hours=5 * hours))
    assert WebhookDelivery.objects.order_by("pk").last().gave_up_at is not None  # type: ignore[union-attr]


def test_a_delivery_is_sent_again_on_a_governance_admins_word(bank: Bank, receiver: Receiver) -> None:
    make_webhook(receiver.url)
    submit_bank_item(bank)
    deliver_all()
    delivery = WebhookDelivery.objects.get()
    with pytest.raises(ForbiddenError):
        redeliver(acting_user=bank.ines, delivery_id=delivery.pk, now=clock.now())
    redeliver(acting_user=bank.greta, delivery_id=delivery.pk, now=clock.now())
    assert deliver_all() == 1
    assert receiver.requests[0][1] == receiver.requests[1][1]


def test_told_again_from_the_start_nothing_is_delivered_twice(bank: Bank, receiver: Receiver) -> None:
    make_webhook(receiver.url)
    submit_bank_item(bank)
    deliver_all()
    reset_projection()
    assert (deliver_all(), len(receiver.requests)) == (0, 1)


def test_only_the_wanted_kinds_and_domain_are_told(bank: Bank, receiver: Receiver) -> None:
    elsewhere = factories.make_domain(bank.insurance, "Elsewhere")
    make_webhook(receiver.url, name="decisions", kinds=["decided"])
    make_webhook(receiver.url, name="elsewhere", domain=elsewhere)
    make_webhook(receiver.url, name="off", is_active=False)
    approve(bank, submit_bank_item(bank))
    deliver_all()
    assert [json.loads(body)["verb"] for _headers, body in receiver.requests] == ["approve_item"]


def test_slack_gets_words_without_marks(bank: Bank, receiver: Receiver) -> None:
    bank.ana.name = "<!channel> & Co"
    bank.ana.save()
    make_webhook(receiver.url, style="slack")
    submit_bank_item(bank)
    deliver_all()
    words = json.loads(receiver.requests[0][1])["text"]
    assert words.startswith(
        "&lt;!channel&gt; &amp; Co requests Claims for BI. http://localhost:8000/access-requests/"
    )
    assert escape_for_slack("a") == "a"


def test_a_receiver_that_is_away_holds_up_no_other(
    bank: Bank, receiver: Receiver, refusing_port: int
) -> None:
    make_webhook(f"http://127.0.0.1:{refusing_port}/", name="dead")
    make_webhook(receiver.url)
    submit_bank_item(bank)
    assert (deliver_all(), len(receiver.requests)) == (1, 1)


def test_who_does_not_answer_is_tried_once_a_pass(bank: Bank, settings: Settings, refusing_port: int) -> None:
    settings.WEBHOOKS_INSIDE = True
    make_webhook(f"http://127.0.0.1:{refusing_port}/", name="dead")
    for number in range(3):
        submit_bank_request(bank, idempotency_key=f"form-{number}")
    assert deliver_all() == 0
    assert sorted(WebhookDelivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    deliver_all(timedelta(seconds=31))
    assert sum(WebhookDelivery.objects.values_list("attempts", flat=True)) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://127.0.0.1/", "https://10.0.0.8/x", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://localhost/",
        "https://name:word@example.com/", "https:///x", "ftp://example.com/", "https://example.com:99999/",
        "https://db.internal/", "https://example.com/ä", "https://example.com/a b", "https://example.com/\r\nX: y", "https://0.0.0.0/", "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_what_is_not_public_https_is_refused(url: str) -> None:
    assert find_url_problem(url)


def test_a_name_that_leads_inside_is_refused_when_it_is_used(
    bank: Bank, receiver: Receiver, settings: Settings
) -> None:
    make_webhook("https://127.0.0.1.nip.example/")
    settings.WEBHOOKS_INSIDE = False
    with pytest.raises(RefusedAddressError, match="private"):
        resolve_host("127.0.0.1", 443)
    submit_bank_item(bank)
    assert deliver_all() == 0
    assert "RefusedAddressError" in WebhookDelivery.objects.get().failure


def test_a_secret_is_shown_once_and_changed_on_the_record(client: Client, bank: Bank) -> None:
    client.force_login(bank.greta)
    form = {
        "name": "Tickets",
        "url": "https://tickets.example/hook/t0k3n",
        "style": "json",
        "changes": "none",
        "sends_events": "on",
        "is_active": "on",
    }
    page = client.post(build_address(Webhook, "add"), form, follow=True).content.decode()
    webhook = Webhook.objects.get()
    assert get_secret(webhook) in page
    assert "t0k3n" not in page
    assert get_secret(webhook) not in client.get(build_address(Webhook, "changelist")).content.decode()
    old = get_secret(webhook)
    secret = change_secret(acting_user=bank.greta, webhook_id=webhook.pk, now=clock.now())
    assert secret == get_secret(Webhook.objects.get()) != old
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert verbs == {"add_webhook", "change_secret"}
    refused = client.post(build_address(Webhook, "add"), form | {"name": "b", "url": "https://10.0.0.1/"})
    assert "The address points to a private network." in refused.content.decode()


def test_the_row_itself_refuses_an_address_inside() -> None:
    with pytest.raises(ValidationError):
        Webhook(name="x", url="https://10.0.0.1/").full_clean(
            validate_unique=False, validate_constraints=False
        )
