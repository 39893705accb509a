"""The mails that the demo's own mail server has caught: nothing leaves this machine."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from demo.embedded.mail_catcher import list_caught_mails

MAX_SHOWN = 50


@dataclass(frozen=True)
class CaughtMail:
    recipient: str
    subject: str
    message_id: str
    date: str
    text: str


@require_GET
def mail_page(request: HttpRequest) -> HttpResponse:
    """The newest; of each its plain half."""
    folder = Path(settings.CAUGHT_MAIL) if settings.CAUGHT_MAIL else None
    found = (
        [parse_mail(file.read_bytes()) for file in list_caught_mails(folder)[:MAX_SHOWN]] if folder else []
    )
    return render(request, "demo/mail.html", {"mails": found})


def parse_mail(mail: bytes) -> CaughtMail:
    """A mail as it came."""
    message = message_from_bytes(mail, EmailMessage, policy=policy.default)
    plain = message.get_body(("plain",))
    return CaughtMail(
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        date=str(message["Date"]),
        text=str(plain.get_content()) if isinstance(plain, EmailMessage) else "",
    )
