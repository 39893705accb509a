"""What another policy would change about past requests, as a chart."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from requests_app.policy_editing.replay import PolicyReplay, ReplayChange
from requests_app.statistics.periods import build_periods

TONES = {
    ReplayChange.SAME: ChartTone.NEUTRAL,
    ReplayChange.LOOSER: ChartTone.GOOD,
    ReplayChange.STRICTER: ChartTone.CAUTION,
    ReplayChange.REJECTED: ChartTone.BAD,
}


def describe_change(change: ReplayChange) -> str:
    return {
        ReplayChange.SAME: _("same"),
        ReplayChange.LOOSER: _("looser"),
        ReplayChange.STRICTER: _("stricter"),
        ReplayChange.REJECTED: _("rejected"),
    }[change]


def build_replay_chart(replay: PolicyReplay, now: datetime) -> Chart:
    """By the time when they were sent. Requests from before the first period are left out."""
    times = [row.item.request.submitted_at for row in replay.items]
    periods = build_periods(min(times, default=None), now)
    counts = {change: [0] * len(periods.starts) for change in TONES}
    for row, at in zip(replay.items, times, strict=True):
        place = periods.find_place(at)
        if place is not None:
            counts[row.change][place] += 1
    changed = sum(sum(values) for change, values in counts.items() if change is not ReplayChange.SAME)
    total = sum(sum(values) for values in counts.values())
    return Chart(
        "replay",
        _("What would change, by the time of the request"),
        ngettext(
            "%(changed)s of %(total)s request would be decided differently.",
            "%(changed)s of %(total)s requests would be decided differently.",
            total,
        )
        % {"changed": changed, "total": total},
        describe_axis(periods.interval),
        list_period_names(periods),
        tuple(
            Series(describe_change(change), tuple(values), TONES[change]) for change, values in counts.items()
        ),
    )
