"""Choose how often notifications are sent."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from requests_app.notifications.kinds import (
    Frequency,
    NotificationChannel,
    NotificationKind,
    list_frequencies,
)
from requests_app.notifications.may import may_choose_frequencies
from requests_app.notifications.models import NotificationSetting

FrequencyChoices = Mapping[tuple[NotificationKind, NotificationChannel], Frequency]


@transaction.atomic(durable=True)
def choose_frequencies(*, acting_user: Person, frequencies: FrequencyChoices, now: datetime) -> None:
    """From now on, each kind named comes on each channel named at that frequency; what is not named stays.

    Raises ForbiddenError, RefusedError for a frequency that the kind does not offer. Existing
    notifications keep their frequency.
    """
    require_allowed(may_choose_frequencies(acting_user))
    for (kind, channel), frequency in frequencies.items():
        if frequency not in list_frequencies(kind, channel):
            words = {"kind": kind.label, "channel": channel.label}
            raise RefusedError(
                _("“%(kind)s” has no such frequency for “%(channel)s”.") % words, f"{kind}-{channel}"
            )
        NotificationSetting.objects.update_or_create(
            person=acting_user, kind=kind, channel=channel, defaults={"frequency": frequency}
        )
    data = {f"{kind}-{channel}": str(frequency) for (kind, channel), frequency in frequencies.items()}
    record_by_person("choose_frequencies", acting_user, f"person:{acting_user.pk}", data, now)
