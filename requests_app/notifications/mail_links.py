"""Signed links in mails, each for one notice and its person."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing

from identity.errors import NotFoundError
from identity.people.models import Person
from requests_app.notifications.models import Notice
from requests_app.notifications.queries import notice_of

SALT = "notice-link"
GOOD_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Opened:
    """`has_ended`: the link was theirs, and is too old by now."""

    notice: Notice
    has_ended: bool


def link_of(notice: Notice) -> str:
    """The whole address."""
    token = signing.dumps([notice.pk, notice.person_id], salt=SALT)
    return f"{settings.SITE_URL}/notices/open/{token}/"


def opened(person: Person, token: str) -> Opened:
    """NotFoundError for a link that is not ours, or another's."""
    try:
        notice_id, person_id = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise NotFoundError from error
    if person_id != person.pk:
        raise NotFoundError
    try:
        signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        return Opened(notice_of(person, notice_id), has_ended=True)
    return Opened(notice_of(person, notice_id), has_ended=False)
