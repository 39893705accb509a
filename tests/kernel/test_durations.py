"""Durations are rounded down, so that data never reads as fresher or later than another text says."""

from datetime import timedelta

import pytest

from kernel.durations import format_age, format_duration


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (None, ""),
        (0.01, "less than a minute"),
        (0.99, "59 minutes"),
        (5.99, "5 hours"),
        (23.9, "23 hours"),
        (24, "1 day"),
        (31, "31 hours"),
        (71.9, "2 days"),
    ],
)
def test_a_duration_is_rounded_down(hours: float | None, text: str) -> None:
    assert format_duration(None if hours is None else timedelta(hours=hours)) == text


def test_an_age_below_a_minute_is_in_seconds() -> None:
    assert [format_age(timedelta(seconds=seconds)) for seconds in (-1, 12, 60)] == ["0 s", "12 s", "1 minute"]
