"""The mails that the demo's own mail server has caught: nothing leaves this machine."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from demo.embedded.mail_catcher import caught

MOST = 50


@dataclass(frozen=True)
class Caught:
    to: str
    subject: str
    message_id: str
    date: str
    text: str


@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    """The newest; of each its plain half."""
    folder = Path(settings.CAUGHT_MAIL) if settings.CAUGHT_MAIL else None
    found = [read(file.read_bytes()) for file in caught(folder)[:MOST]] if folder else []
    return render(request, "demo/mail.html", {"mails": found})


def read(mail: bytes) -> Caught:
    """A mail as it came."""
    message = message_from_bytes(mail, EmailMessage, policy=policy.default)
    plain = message.get_body(("plain",))
    return Caught(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        date=str(message["Date"]),
        text=str(plain.get_content()) if isinstance(plain, EmailMessage) else "",
    )
