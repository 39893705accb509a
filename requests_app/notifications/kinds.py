"""Kinds, channels and frequencies of notifications, with the default frequency."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotificationKind(TextChoices):
    """What a person can choose a pace for."""

    ASKED = "asked", _("Something waits for your decision")
    DECIDED = "decided", _("A decision on what you asked for")
    SAID = "said", _("Words and changes on an ask")
    ARRIVED = "arrived", _("Access is there, read back from AWS")
    ENDED = "ended", _("Access ends, or will end soon")
    FAILED = "failed", _("Something failed, or waits for a person")
    FOUND = "found", _("Something was changed behind the portal")
    OVERDUE = "overdue", _("A promised time has passed")
    ENTRUSTED = "entrusted", _("Decisions are passed to you for a while")
    RECERTIFIED = "recertified", _("Access is looked at anew")
    EMERGENCY = "emergency", _("Break-glass")
    GOVERNED = "governed", _("Roles are changed")


class NotificationChannel(TextChoices):
    """Where a notice of a person arrives."""

    PORTAL = "portal", _("Here")
    MAIL = "mail", _("Mail")


class Frequency(TextChoices):
    """`digest`: gathered and sent once a day; of mail alone."""

    INSTANT = "instant", _("at once")
    DIGEST = "digest", _("once a day")
    OFF = "off", _("not")


ALWAYS_INSTANT = frozenset({NotificationKind.EMERGENCY, NotificationKind.GOVERNED})
"""Nobody can choose not to hear of these, nor later."""
DIGEST_BY_DEFAULT = frozenset({NotificationKind.FOUND, NotificationKind.SAID})
"""By mail once a day, unless a person chose otherwise."""


def list_frequencies(kind: NotificationKind, channel: NotificationChannel) -> tuple[Frequency, ...]:
    """What can be chosen; the first is what holds where nothing was."""
    if kind in ALWAYS_INSTANT:
        return (Frequency.INSTANT,)
    if channel == NotificationChannel.PORTAL:
        return (Frequency.INSTANT, Frequency.OFF)
    if kind in DIGEST_BY_DEFAULT:
        return (Frequency.DIGEST, Frequency.INSTANT, Frequency.OFF)
    return (Frequency.INSTANT, Frequency.DIGEST, Frequency.OFF)
