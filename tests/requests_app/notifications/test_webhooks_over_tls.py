"""Webhooks over https, to a receiver on loopback that an authority of its own vouches for."""

import hmac
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook as Signer

from kernel import clock
from requests_app.notifications.webhooks.actions import redeliver
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from requests_app.notifications.webhooks.signatures import get_secret
from tests.bank import Bank, make_bank, submit_bank_item
from tests.certificates import CertificateAuthority
from tests.database import as_operator, as_role
from tests.requests_app.notifications.projection import project_all_events
from tests.workers.due_tasks import send_due
from workers.outbox import send_delivery

HOST = "hooks.example"


@dataclass
class Receiver:
    """Takes what is signed with `secret`, answers 403 else. `requests` has ids of events and bodies."""

    port: int
    context: ssl.SSLContext
    secret: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    asked_for: list[str | None] = field(default_factory=list)

    def is_signed(self, headers: dict[str, str], body: str) -> bool:
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        made = Signer(self.secret).sign(headers["webhook-id"], at, body)
        return hmac.compare_digest(headers["webhook-signature"], made)


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateAuthority:
    """The one that the workers trust."""
    found = CertificateAuthority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.file))
    return found


@pytest.fixture
def receiver(
    authority: CertificateAuthority, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """At loopback, where its name leads."""
    settings.WEBHOOKS_INSIDE = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found = Receiver(0, context)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            good = found.is_signed(dict(self.headers), body)
            if good:
                found.requests.append((self.headers["webhook-id"], body))
            self.send_response(204 if good else 403)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def finish_request(self, request: Any, client_address: Any) -> None:
            try:
                with context.wrap_socket(request, server_side=True) as secured:
                    super().finish_request(secured, client_address)
            except (ssl.SSLError, ConnectionError):
                """The other side did not trust it."""

    context.load_cert_chain(authority.issue_certificate(HOST))
    context.sni_callback = lambda _socket, name, _context: found.asked_for.append(name)
    with Server(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        monkeypatch.setattr(socket, "getaddrinfo", resolve_to_loopback)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        server.shutdown()


def resolve_to_loopback(_host: str, port: int, *_more: object, **_options: object) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]


@pytest.fixture
def delivery(bank: Bank, receiver: Receiver) -> WebhookDelivery:
    """One that is due."""
    with as_operator():
        webhook = Webhook.objects.create(name="SIEM", url=f"https://{HOST}:{receiver.port}/events")
    receiver.secret = get_secret(webhook)
    submit_bank_item(bank)
    project_all_events()
    return WebhookDelivery.objects.get()


def deliver_all(later: timedelta = timedelta()) -> int:
    with as_role("meshmarket_worker"):
        return send_due(WebhookDelivery, send_delivery, clock.now() + later)


def test_the_receiver_gets_it_by_its_name_and_finds_it_signed(
    delivery: WebhookDelivery, receiver: Receiver
) -> None:
    assert (deliver_all(), deliver_all()) == (1, 0)
    assert receiver.requests == [(str(delivery.event_id), delivery.body)]
    assert receiver.asked_for == [HOST]


def test_what_is_signed_with_another_secret_is_refused_by_the_receiver(
    delivery: WebhookDelivery, receiver: Receiver
) -> None:
    receiver.secret = "another"
    assert (deliver_all(), receiver.requests) == (0, [])
    assert WebhookDelivery.objects.get().failure == "the receiver answered 403"


@pytest.mark.parametrize(
    ("host", "ended", "why"),
    [("other.example", False, "doesn't match"), (HOST, True, "certificate has expired")],
)
def test_a_wrong_certificate_is_refused_with_words_and_tried_again(
    delivery: WebhookDelivery,
    receiver: Receiver,
    authority: CertificateAuthority,
    *,
    host: str,
    ended: bool,
    why: str,
) -> None:
    receiver.context.load_cert_chain(authority.issue_certificate(host, expired=ended))
    assert (deliver_all(), receiver.requests) == (0, [])
    failure = WebhookDelivery.objects.get().failure
    assert failure.startswith("the receiver's certificate is not trusted: ")
    assert why in failure
    receiver.context.load_cert_chain(authority.issue_certificate(HOST))
    assert deliver_all(timedelta(minutes=5)) == 1
    assert receiver.requests == [(str(delivery.event_id), delivery.body)]


def test_an_authority_that_nobody_named_is_not_trusted(
    delivery: WebhookDelivery, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.context.load_cert_chain(CertificateAuthority(tmp_path, "Another CA").issue_certificate(HOST))
    assert (deliver_all(), receiver.requests) == (0, [])
    assert "certificate is not trusted" in WebhookDelivery.objects.get().failure


def test_it_is_sent_again_on_a_governance_admins_word(
    bank: Bank, delivery: WebhookDelivery, receiver: Receiver
) -> None:
    deliver_all()
    redeliver(acting_user=bank.greta, delivery_id=delivery.pk, now=clock.now())
    assert deliver_all() == 1
    assert receiver.requests == [(str(delivery.event_id), delivery.body)] * 2


def test_a_name_that_leads_inside_is_not_even_spoken_to(
    delivery: WebhookDelivery, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOKS_INSIDE = False
    assert (deliver_all(), receiver.asked_for) == (0, [])
    assert "private network" in WebhookDelivery.objects.get().failure
