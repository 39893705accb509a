"""What the figures of `manage.py chaos` mean: right, and in time."""

import pytest

from tools.chaos.report import PartReport
from tools.management.commands.chaos import format_report

NOTHING = dict.fromkeys(("lost", "extra", "duplicate", "stuck", "wrong", "denied", "oracle_differs"), 0)
SEED = 20_261


@pytest.mark.parametrize("fault", NOTHING)
def test_one_fault_of_any_kind_is_not_right(fault: str) -> None:
    assert PartReport("kills", SEED).ok
    report = PartReport("kills", SEED)
    setattr(report, fault, 1)
    assert "NOT RIGHT" in format_report(report)
    assert report.to_json()["ok"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"calls_ratio": 2.3},
        {"late": 1},
        {"sent_twice": 1},
        {"added_delay": 7.1},
        {"gone_after": 60.5},
        {"scan_seconds": 60.1},
    ],
)
def test_what_takes_too_long_or_too_many_calls_is_not_in_time(change: dict[str, float]) -> None:
    report = PartReport("faults", SEED, **change)  # type: ignore[arg-type]
    assert (report.ok, report.is_right, report.is_in_time) == (False, True, False)
    assert "faults: right, NOT IN TIME" in format_report(report)
