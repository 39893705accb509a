"""Mail goes out at least once under one Message-ID; a server that is down holds up nothing; a link opens for its person."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from demo.embedded.mail_catcher import list_caught_mails, make_mail_server
from demo.embedded.ports import find_free_port
from demo.pages.caught_mail import CaughtMail, parse_mail
from kernel import clock
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.kinds import Frequency, NotificationChannel, NotificationKind
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.mail_links import build_link
from requests_app.notifications.models import Notification, NotificationMail
from requests_app.review.actions import reject_item
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events
from tests.workers.due_tasks import send_due
from workers.outbox import MAX_ATTEMPTS, build_message, claim_row, send_mail


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A mail server; the folder of what it caught."""
    settings.MAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", find_free_port()
    catcher = make_mail_server(settings.EMAIL_PORT, tmp_path)
    catcher.start()
    yield tmp_path
    catcher.stop()


@pytest.fixture
def dead_server(settings: Settings, refusing_port: int) -> None:
    settings.MAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", refusing_port


def send_mails(later: timedelta = timedelta()) -> int:
    """What the worker does some time later; how many mails were taken."""
    project_all_events()
    with as_role("meshmarket_worker"):
        create_mails(now=clock.now() + later)
        return send_due(NotificationMail, send_mail, clock.now() + later)


def list_mails(folder: Path) -> list[CaughtMail]:
    return [parse_mail(file.read_bytes()) for file in list_caught_mails(folder)]


def test_a_mail_says_what_happened_and_to_whom(bank: Bank, server: Path) -> None:
    item = submit_bank_item(bank)
    assert (send_mails(), send_mails()) == (2, 0)
    mail = next(mail for mail in list_mails(server) if mail.recipient == bank.ines.email)
    notice = Notification.objects.get(person=bank.ines, channel="mail")
    assert mail.subject == "Meshmarket: Ana Keller requests Claims for BI."
    assert mail.message_id == f"<event-{notice.event_id}.person-{bank.ines.pk}.mail@localhost>"
    assert "/notifications/open/" in mail.text
    assert b"text/html" in list_caught_mails(server)[0].read_bytes()
    assert item.pk == notice.page_id


def test_a_mail_whose_sender_died_comes_again_under_its_message_id(bank: Bank, server: Path) -> None:
    submit_bank_item(bank)
    project_all_events()
    with as_role("meshmarket_worker"):
        create_mails(now=clock.now())
        mail_id = NotificationMail.objects.values_list("pk", flat=True).earliest("due_at")
        taken = claim_row(NotificationMail, mail_id, clock.now())
        assert taken is not None
        build_message(taken).send()
    assert send_mails() == 1
    assert send_mails(timedelta(minutes=3)) == 1
    ids = [mail.message_id for mail in list_mails(server)]
    assert (len(ids), len(set(ids))) == (3, 2)
    assert not NotificationMail.objects.filter(sent_at=None).exists()


def test_a_server_that_is_down_is_tried_later_and_given_up_in_the_end(bank: Bank, dead_server: None) -> None:
    submit_bank_item(bank)
    assert send_mails() == 0
    first, second = NotificationMail.objects.order_by("-attempts")
    assert (first.attempts, second.attempts) == (1, 0)
    assert "refused" in first.failure
    for hours in range(MAX_ATTEMPTS * 2):
        send_mails(timedelta(hours=5 * (hours + 1)))
    assert NotificationMail.objects.filter(gave_up_at=None).count() == 0
    assert set(NotificationMail.objects.values_list("attempts", flat=True)) == {MAX_ATTEMPTS}


def test_a_server_that_is_down_keeps_nobody_from_hearing_in_the_portal(bank: Bank, dead_server: None) -> None:
    submit_bank_item(bank)
    send_mails()
    submit_bank_request(bank, idempotency_key="form-2")
    send_mails()
    assert Notification.objects.filter(person=bank.ines, channel="portal").count() == 2


def test_a_days_notices_are_one_mail(bank: Bank, server: Path) -> None:
    frequencies = {(NotificationKind.DECIDED, NotificationChannel.MAIL): Frequency.DAILY}
    choose_frequencies(acting_user=bank.ana, frequencies=frequencies, now=clock.now())
    for number in range(2):
        item = submit_bank_item(bank, idempotency_key=f"form-{number}")
        reject_item(acting_user=bank.ines, item_id=item.pk, comment="No.", now=clock.now())
    send_mails()
    assert bank.ana.email not in [mail.recipient for mail in list_mails(server)]
    send_mails(timedelta(days=1))
    (digest,) = [mail for mail in list_mails(server) if mail.recipient == bank.ana.email]
    assert digest.subject == "Meshmarket: 2 notifications"
    assert digest.text.count("rejected Claims") == 2


def test_a_closed_account_gets_no_mail(bank: Bank, server: Path) -> None:
    submit_bank_item(bank)
    project_all_events()
    bank.ines.is_active = False
    bank.ines.save()
    assert send_mails() == 1
    assert [mail.recipient for mail in list_mails(server)] == [bank.ivo.email]


def test_an_address_that_no_mail_can_have_holds_up_no_other(bank: Bank, server: Path) -> None:
    bank.ines.email = "ines@@bank.example"
    bank.ines.save()
    submit_bank_item(bank)
    assert send_mails() == 1
    assert NotificationMail.objects.get(person=bank.ines).gave_up_at is not None


@pytest.fixture
def token(bank: Bank, settings: Settings) -> str:
    """Of a link that Ines got by mail."""
    settings.MAIL_IS_SENT = True
    submit_bank_item(bank)
    project_all_events()
    link = build_link(Notification.objects.get(person=bank.ines, channel="mail"))
    assert link.startswith("http://localhost:8000/notifications/open/")
    return link.removeprefix("http://localhost:8000/notifications/open/").rstrip("/")


def test_a_link_opens_the_review_for_its_person_signed_in(bank: Bank, token: str) -> None:
    address = reverse("notification-open", args=[token])
    answer = make_client(bank.ines).get(address)
    notice = Notification.objects.get(person=bank.ines, channel="portal")
    assert answer["Location"] == reverse("review", args=[notice.page_id])
    assert notice.read_at is not None
    assert Client().get(address)["Location"].startswith("/sign-in/?next=/notifications/open/")
    assert make_client(bank.ines).post(address).status_code == 405


def test_a_link_is_nothing_to_anyone_else_and_none_when_forged(bank: Bank, token: str) -> None:
    for person, said in [
        (bank.ivo, token),
        (bank.greta, token),
        (bank.ines, token[:-1]),
        (bank.ines, "a:b:c"),
    ]:
        assert make_client(person).get(reverse("notification-open", args=[said])).status_code == 404
    assert not Notification.objects.exclude(read_at=None).exists()


def test_a_link_that_has_ended_leads_its_person_to_the_list(bank: Bank, token: str) -> None:
    client = make_client(bank.ines)
    with time_machine.travel(clock.now() + timedelta(days=15)):
        answer = client.get(reverse("notification-open", args=[token]))
        assert answer["Location"] == reverse("notifications")
        assert make_client(bank.ivo).get(reverse("notification-open", args=[token])).status_code == 404
