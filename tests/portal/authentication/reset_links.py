"""Asking for a link that resets a password, and reading it in the mail that the workers send."""

import re
from urllib.parse import urlsplit

from django.core import mail
from django.http import HttpResponse
from django.test import Client

from identity.authentication import answer_reset_requests
from kernel import clock
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.models import NotificationMail
from tests.database import as_role
from tests.requests_app.notifications.projection import project_all_events
from tests.workers.due_tasks import send_due
from workers.outbox import send_mail

REQUEST_URL = "/password-reset/"


def ask_for_link(email: str, address: str = "192.0.2.1") -> HttpResponse:
    answer = Client(REMOTE_ADDR=address).post(REQUEST_URL, {"email": email})
    assert isinstance(answer, HttpResponse)
    return answer


def send_mails() -> None:
    """What the workers do."""
    with as_role("meshmarket_worker"):
        answer_reset_requests(now=clock.now())
    project_all_events()
    with as_role("meshmarket_worker"):
        create_mails(now=clock.now())
        send_due(NotificationMail, send_mail, clock.now())


def get_sent_link(email: str) -> str:
    """The path of the link in the latest mail; empty without one."""
    send_mails()
    mails = [one for one in mail.outbox if one.to == [email] and "/password-reset/" in str(one.body)]
    if not mails:
        return ""
    found = re.search(r"https?://\S+/password-reset/\S+", str(mails[-1].body))
    assert found
    return urlsplit(found[0]).path


def open_link(client: Client, path: str) -> HttpResponse:
    """The page that the link ends at."""
    answer = client.get(path, follow=True)
    assert isinstance(answer, HttpResponse)
    return answer


def choose_password(client: Client, path: str, password: str, again: str | None = None) -> HttpResponse:
    """Open the link and send the form."""
    page = client.get(path)
    url = page["Location"] if page.status_code == 302 else path
    client.get(url)
    answer = client.post(
        url, {"new_password1": password, "new_password2": password if again is None else again}
    )
    assert isinstance(answer, HttpResponse)
    return answer
