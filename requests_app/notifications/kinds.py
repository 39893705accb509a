"""Kinds, channels and frequencies of notifications, with the default frequency."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotificationKind(TextChoices):
    """What a person can choose a frequency for."""

    SUBMITTED = "submitted", _("An item waits for your decision")
    DECIDED = "decided", _("A decision on your request")
    COMMENTED = "commented", _("Comments on and changes to a request")
    ACTIVATED = "activated", _("Access is active")
    ENDED = "ended", _("Access ended or ends soon")
    FAILED = "failed", _("Something failed or is on hold")
    DRIFT_FOUND = "drift_found", _("Something was changed outside the portal")
    OVERDUE = "overdue", _("A decision is overdue")
    DELEGATED = "delegated", _("Decisions are delegated to you")
    ACCESS_REVIEW = "access_review", _("Access reviews")
    BREAK_GLASS = "break_glass", _("Break-glass")
    SAVED_SEARCH = "saved_search", _("New results of saved searches")
    ROLE_CHANGED = "role_changed", _("Role changes")
    PRODUCT_CHANGED = "product_changed", _("Data products that you use or follow")
    DISCUSSED = "discussed", _("Problems and questions")
    SECURITY = "security", _("Your password")


class NotificationChannel(TextChoices):
    """Where a person receives notifications."""

    PORTAL = "portal", _("In the portal")
    MAIL = "mail", _("Mail")


class Frequency(TextChoices):
    """`digest`: gathered and sent once a day; of mail alone."""

    INSTANT = "instant", _("at once")
    DAILY = "digest", _("daily")
    OFF = "off", _("off")


ALWAYS_INSTANT = frozenset(
    {NotificationKind.BREAK_GLASS, NotificationKind.ROLE_CHANGED, NotificationKind.SECURITY}
)
"""Nobody can turn these off or delay them."""
DIGEST_BY_DEFAULT = frozenset({NotificationKind.DRIFT_FOUND, NotificationKind.COMMENTED})
"""By mail once a day, unless a person chose otherwise."""


def list_frequencies(kind: NotificationKind, channel: NotificationChannel) -> tuple[Frequency, ...]:
    """What can be chosen; the first is what holds where nothing was."""
    if kind in ALWAYS_INSTANT:
        return (Frequency.INSTANT,)
    if channel == NotificationChannel.PORTAL:
        return (Frequency.INSTANT, Frequency.OFF)
    if kind in DIGEST_BY_DEFAULT:
        return (Frequency.DAILY, Frequency.INSTANT, Frequency.OFF)
    return (Frequency.INSTANT, Frequency.DAILY, Frequency.OFF)
