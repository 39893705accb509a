"""Scales of charts, and values in words."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from kernel.durations import format_age

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_DURATIONS = (
    *(1, 2, 5, 10, 20, 30),
    *(_MINUTE * n for n in (1, 2, 4, 10, 20, 30)),
    *(_HOUR * n for n in (1, 2, 4, 8, 12)),
    *(_DAY * n for n in (1, 2, 4, 10, 20, 50, 100, 200, 400, 1000)),
)


class ChartUnit(StrEnum):
    """What values are: how many, how long in seconds, or percent."""

    COUNT = "count"
    DURATION = "duration"
    PERCENT = "percent"


def format_value(value: float | None, unit: ChartUnit) -> str:
    """As people read it; a dash for what is not known."""
    if value is None:
        return "–"
    if unit is ChartUnit.DURATION:
        return format_age(timedelta(seconds=value))
    if unit is ChartUnit.PERCENT:
        return _("%(number)s%%") % {
            "number": number_format(value, decimal_pos=0 if value == int(value) else 1)
        }
    return number_format(value, decimal_pos=0, force_grouping=True)


def find_scale_end(values: Iterable[float], unit: ChartUnit) -> float:
    """The least round number that is not less than any of the values, and at least 1; of percent at least 100."""
    least = 100 if unit is ChartUnit.PERCENT else 1
    most = max((least, *values))
    if unit is ChartUnit.DURATION:
        return next((step for step in _DURATIONS if step >= most), most)
    power = 1
    while power * 10 < most:
        power *= 10
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if power * step >= most)
