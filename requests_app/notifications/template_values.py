"""What a notification template is, and the sides on which its recipients are."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise

from requests_app.notifications.kinds import NotificationKind


class RecipientSide(Enum):
    """The people of a request that an event concerns. `NAMED` are those in the event itself: `data["people"]`."""

    REQUESTER = "the requester"
    RESPONSIBLE = "the responsible person of the service role"
    DECIDERS = "who may decide on it"
    DATA_OWNERS = "data owners of the domain"
    ACCOUNT_ADMINS = "admins of the account that reads"
    TEAM = "the requesting team"
    COMMENTERS = "who has written on it"
    GOVERNANCE = "governance admins"
    NAMED = "whom the event names"
    CONSUMERS = "who uses the data product"
    TABLE_CONSUMERS = "who uses the table"
    FOLLOWERS = "who follows the data product"
    DOMAIN_FOLLOWERS = "who follows the domain of the data product"


SUBJECT_PAGE = "subject"
"""In place of a page: that of what the event is about, an item in review or a row of a kind of decision."""


@dataclass(frozen=True)
class EventTemplate:
    """`text` may contain %(actor)s, %(what)s, %(team)s, %(count)s and %(reason)s. `page` is where it leads when the
    event belongs to no request: then `sides` are NAMED, CONSUMERS, TABLE_CONSUMERS, FOLLOWERS or DOMAIN_FOLLOWERS, and the event's data
    hold what the text names. An alarm is sent at once on every channel, whatever frequencies people chose. `tells_actor`: people are told of what was done in
    their own name, in case it was somebody else.
    """

    kind: NotificationKind
    text: str | Promise
    sides: tuple[RecipientSide, ...]
    page: str = ""
    is_alarm: bool = False
    tells_actor: bool = False
