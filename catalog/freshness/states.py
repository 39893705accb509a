"""What says when data last changed, and what follows for a promise. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

HOURS_OF_DAY = 24


class FreshnessSource(TextChoices):
    """The best first, of those that say the same time."""

    ICEBERG_SNAPSHOT = "iceberg_snapshot", _("Iceberg snapshot")
    S3_OBJECT = "s3_object", _("newest S3 object")
    LINEAGE_RUN = "lineage_run", _("last lineage run")
    PARTITION = "partition", _("newest partition")
    VIEW_INPUTS = "view_inputs", _("oldest table of the view")
    GLUE_UPDATE = "glue_update", _("update time in Glue")


class FreshnessState(TextChoices):
    """`not_promised`: the age is known, and nothing is promised."""

    FRESH = "fresh", _("fresh")
    LATE = "late", _("late")
    NOT_KNOWN = "not_known", _("not known")
    NOT_PROMISED = "not_promised", _("nothing promised")


WORST_FIRST = (
    FreshnessState.LATE,
    FreshnessState.NOT_KNOWN,
    FreshnessState.NOT_PROMISED,
    FreshnessState.FRESH,
)


@dataclass(frozen=True)
class ChangeTime:
    """`may_be_newer`: not everything was looked at, so the data may have changed later."""

    source: FreshnessSource
    at: datetime
    may_be_newer: bool = False


def choose_change_time(found: Iterable[ChangeTime], now: datetime) -> ChangeTime | None:
    """The newest. A partition counts only without objects, as it may be registered empty; Glue's update time only without any other,
    as it changes with the definition. None lies in the future.
    """
    times = [ChangeTime(one.source, min(one.at, now), one.may_be_newer) for one in found]
    weak = {FreshnessSource.GLUE_UPDATE}
    if any(one.source == FreshnessSource.S3_OBJECT for one in times):
        weak.add(FreshnessSource.PARTITION)
    strong = [one for one in times if one.source not in weak] or times
    ranks = list(FreshnessSource)
    best = max(strong, key=lambda one: (one.at, -ranks.index(one.source)), default=None)
    if best is None:
        return None
    return ChangeTime(best.source, best.at, any(one.may_be_newer for one in strong))


def assess(found: ChangeTime | None, promised_hours: int | None, now: datetime) -> FreshnessState:
    """Old data is late only if nothing newer can have been missed. A partition is registered once and may be filled for a day."""
    if found is None or found.source == FreshnessSource.GLUE_UPDATE:
        return FreshnessState.NOT_KNOWN
    if promised_hours is None:
        return FreshnessState.NOT_PROMISED
    if now - found.at <= timedelta(hours=promised_hours):
        return FreshnessState.FRESH
    is_filled_later = found.source == FreshnessSource.PARTITION and promised_hours < HOURS_OF_DAY
    return FreshnessState.NOT_KNOWN if found.may_be_newer or is_filled_later else FreshnessState.LATE


def choose_worst(states: Sequence[FreshnessState]) -> FreshnessState:
    """Of a product's tables: it is as fresh as the oldest."""
    return next((one for one in WORST_FIRST if one in states), FreshnessState.NOT_KNOWN)
