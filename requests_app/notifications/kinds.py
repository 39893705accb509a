"""Kinds, channels and frequencies of notifications, with the default frequency."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotificationKind(TextChoices):
    """What a person can choose a pace for."""

    ASKED = "asked", _("An item waits for your decision")
    DECIDED = "decided", _("A decision on your request")
    SAID = "said", _("Comments on and changes to a request")
    ARRIVED = "arrived", _("Access is active")
    ENDED = "ended", _("Access ended or ends soon")
    FAILED = "failed", _("Something failed or is on hold")
    FOUND = "found", _("Something was changed outside the portal")
    OVERDUE = "overdue", _("A decision is overdue")
    ENTRUSTED = "entrusted", _("Decisions are delegated to you")
    RECERTIFIED = "recertified", _("Access reviews")
    EMERGENCY = "emergency", _("Break-glass")
    GOVERNED = "governed", _("Role changes")


class NotificationChannel(TextChoices):
    """Where a notice of a person arrives."""

    PORTAL = "portal", _("In the portal")
    MAIL = "mail", _("Mail")


class Frequency(TextChoices):
    """`digest`: gathered and sent once a day; of mail alone."""

    INSTANT = "instant", _("at once")
    DIGEST = "digest", _("daily")
    OFF = "off", _("off")


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
