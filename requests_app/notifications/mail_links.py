"""Signed links in mails, each for one notification and its person."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing

from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.notifications.models import Notification
from requests_app.notifications.queries import get_notification

LINK_SALT = "notice-link"
LINK_LIFETIME = timedelta(days=14)


@dataclass(frozen=True)
class OpenedLink:
    """`has_expired`: the link was theirs, and is too old by now."""

    notification: Notification
    has_expired: bool


def build_link(notification: Notification) -> str:
    """The whole address."""
    token = signing.dumps([notification.pk, notification.person_id], salt=LINK_SALT)
    return f"{settings.SITE_URL}/notifications/open/{token}/"


def open_link(person: Person, token: str) -> OpenedLink:
    """NotFoundError for a link that is not ours, or another's."""
    try:
        notice_id, person_id = signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature as error:
        raise NotFoundError from error
    if person_id != person.pk:
        raise NotFoundError
    try:
        signing.loads(token, salt=LINK_SALT, max_age=LINK_LIFETIME)
    except signing.SignatureExpired:
        return OpenedLink(get_notification(person, notice_id), has_expired=True)
    return OpenedLink(get_notification(person, notice_id), has_expired=False)
