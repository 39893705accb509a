"""What a bench prints, and when it fails."""

import json

import pytest

from tools.bench.report import BenchReport, at_least, at_most


def test_a_figure_is_a_line_with_its_members_in_order() -> None:
    said: list[str] = []
    board = BenchReport(said.append)
    base = board.add_figure("slow", 8, "s")
    board.add_figure("fast", 33.33333, "s", baseline=base, must=at_least(4), stretch=at_least(6))
    assert said == [
        '{"name": "slow", "value": 8.0, "unit": "s", "ratio_to": null, "ratio": null, "must": null, "stretch": null, "ok": null}',
        '{"name": "fast", "value": 33.33, "unit": "s", "ratio_to": "slow", "ratio": 4.167, "must": ">= 4", "stretch": ">= 6", "ok": true}',
    ]


def test_bounds_are_on_the_ratio_where_there_is_one() -> None:
    board = BenchReport(lambda _line: None)
    base = board.add_figure("one", 10, "s")
    assert board.add_figure("other", 12, "s", baseline=base, must=at_most(1.2)).is_ok
    assert not board.add_figure("third", 12.1, "s", baseline=base, must=at_most(1.2)).is_ok
    assert board.add_figure("alone", 0.5, "s", must=at_most(0.5)).is_ok
    assert not board.add_figure("many", 99, "calls/s", must=at_least(100)).is_ok


def test_a_missed_must_is_told_and_fails_and_a_missed_stretch_is_not() -> None:
    board = BenchReport(lambda _line: None)
    board.add_figure("near", 5, "s", must=at_most(6), stretch=at_most(1))
    assert (board.exit_code, board.format_table().splitlines()[-1]) == (0, "all 1 musts are met")
    board.add_figure("far", 7, "s", must=at_most(6))
    assert (board.exit_code, board.format_table().splitlines()[-1]) == (1, "missed: far")


def test_the_table_marks_what_is_met_missed_and_reached() -> None:
    board = BenchReport(lambda _line: None)
    base = board.add_figure("base", 10, "calls/s")
    board.add_figure("reached", 1234, "calls/s", baseline=base, must=at_least(4), stretch=at_least(6))
    board.add_figure("missed", 20, "calls/s", baseline=base, must=at_least(4))
    assert board.format_table().splitlines()[:4] == [
        "   figure   value          compared with  ratio    must  stretch",
        "   base     10 calls/s",
        "✓  reached  1,234 calls/s  base           123.4 ×  >= 4  >= 6 ✓",
        "✗  missed   20 calls/s     base           2 ×      >= 4",
    ]


@pytest.mark.parametrize(("gone", "left"), [(46, 9), (90, 0)])
def test_a_quick_run_says_what_it_has_no_room_for(gone: float, left: int) -> None:
    said: list[str] = []
    now = [0.0]
    board = BenchReport(said.append, quick=True, clock=lambda: now[0])
    now[0] = gone
    assert not board.has_time_for("the long part", 10)
    why = f"it takes about 10 s, and a quick run has {left} s left"
    assert [json.loads(line) for line in said] == [{"left_out": "the long part", "why": why}]


def test_a_full_run_and_a_quick_one_at_its_beginning_have_room() -> None:
    said: list[str] = []
    assert BenchReport(said.append, quick=True).has_time_for("the long part", 10)
    assert BenchReport(said.append).has_time_for("the longest part", 900)
    assert said == []
