"""Charts: where the shapes are, what the scale says, and what a reader without eyes gets."""

from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.charts.chart import HEIGHT, WIDTH, Chart, ChartKind, ChartTone, Series, draw_sparkline
from portal.charts.scale import ChartUnit, find_scale_end, format_value

DAYS = ("1 Nov", "2 Nov", "3 Nov")
CHART = Chart(
    "seen",
    "Requests",
    "Six requests.",
    "Day",
    DAYS,
    (Series("approved", (1, 0, 3), ChartTone.GOOD), Series("rejected", (0, 0, 2), ChartTone.BAD)),
)


def test_stacked_bars_stand_on_one_another() -> None:
    first, lower, upper = CHART.bars
    assert (first.y + first.height, lower.y + lower.height) == (HEIGHT, HEIGHT)
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.02)
    assert first.label == "1 Nov: approved, 1"
    assert (CHART.scale_end, CHART.ticks) == (6, ("6", "3", "0"))


def test_a_line_has_gaps_where_nothing_is_known_and_dots_for_lone_values() -> None:
    chart = replace(CHART, kind=ChartKind.LINE, series=(Series("median", (60, None, 120)),))
    path = chart.lines[0].path
    assert (path.count("M"), path.count("h0")) == (4, 2)
    assert chart.rows[1].cells == ("–",)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.sampled_from(ChartUnit))
def test_all_shapes_are_inside_the_box(values: list[int], unit: ChartUnit) -> None:
    chart = replace(
        CHART,
        periods=tuple(map(str, range(len(values)))),
        series=(Series("a", tuple(values)), Series("b", tuple(values))),
        unit=unit,
    )
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert all(bar.y >= -0.1 and bar.y + bar.height <= HEIGHT + 0.1 for bar in chart.bars)
    assert find_scale_end(values, unit) >= max(values)


def test_durations_are_read_as_people_say_them() -> None:
    said = [format_value(seconds, ChartUnit.DURATION) for seconds in (12, 7200, 200_000, None)]
    assert said == ["12 s", "2 hours", "2 days", "–"]


def test_the_drawing_has_a_title_a_description_and_a_table() -> None:
    page = render_to_string("components/chart.html", {"chart": CHART})
    assert 'role="img" aria-labelledby="seen-title seen-summary"' in page
    assert '<title id="seen-title">Requests</title>' in page
    assert '<th scope="row">3 Nov</th><td class="end num">3</td><td class="end num">2</td>' in page
    assert "style=" not in page


def test_a_chart_of_zeros_is_its_summary_alone() -> None:
    zeros = replace(CHART, series=(Series("Requests", (0, None, 0)),))
    page = render_to_string("components/chart.html", {"chart": zeros})
    assert zeros.summary in page
    assert "<svg" not in page
    assert "<table" not in page


def test_a_name_from_elsewhere_is_escaped() -> None:
    named = replace(CHART, periods=("<b>", "2", "3"), series=(Series("<i>", (1, 2, 3)),))
    page = render_to_string("components/chart.html", {"chart": named})
    assert "&lt;b&gt;: &lt;i&gt;, 1" in page
    assert "<b>" not in page


def test_one_period_and_none_are_drawn() -> None:
    assert replace(CHART, periods=(), series=(Series("a", ()),)).period_ticks == ()
    one = replace(CHART, periods=("now",), series=(Series("a", (1,)),))
    assert (one.period_ticks, len(one.bars), one.is_empty) == (("now",), 1, False)


def test_a_sparkline_ends_in_a_dot() -> None:
    assert draw_sparkline((1, 2, 3), "3").path.endswith("h0")
