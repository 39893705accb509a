"""`manage.py chaos` with all its parts: side by side, one object of figures for all."""

import json
import sys

import pytest

from demo.embedded.child_process import EmbeddedError, wait_until
from tools.chaos.report import PartReport, sum_reports
from tools.chaos.run.parallel import FULL, QUICK, USUAL, PartProcess, run_in_parallel
from tools.management.commands.chaos import LANES, PARTS, QUICK_LANES, build_command, get_size

OPTIONS = {
    "quick": False,
    "full": False,
    "requests": None,
    "kills": None,
    "processes": None,
    "switches": "default",
}


def build_printing_command(*parts: str) -> list[str]:
    """A line, then figures: of one part, or of several."""
    each = [{"part": part} for part in parts]
    last = json.dumps(each[0] if len(each) == 1 else {"part": "+".join(parts), "parts": each})
    return [sys.executable, "-c", f"print('at work on', {parts[0]!r}); print({last!r})"]


def test_each_part_of_each_lane_tells_its_figures() -> None:
    said: list[str] = []
    figures = run_in_parallel(
        [build_printing_command("kills", "sync"), build_printing_command("races")], said.append
    )
    assert [one["part"] for one in figures] == ["kills", "sync", "races"]
    assert sorted(said) == ["at work on kills", "at work on races"]


def test_a_lane_that_breaks_ends_the_run_and_the_lane_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever runs the tests in the background has given them a deaf ear for SIGINT.
    monkeypatch.setattr(PartProcess, "stop_seconds", 2.0)
    slow, broken = "import time; time.sleep(600)", "raise SystemExit('no room')"
    with pytest.raises(EmbeddedError, match="A lane ended without figures: no room"):
        run_in_parallel([[sys.executable, "-c", code] for code in (slow, broken)], lambda _line: None)


def test_a_lane_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartProcess, "stop_seconds", 0.1)
    deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    lane = PartProcess([sys.executable, "-c", deaf], lambda _line: None)
    assert wait_until(lambda: lane.last_line == "deaf", 20)
    lane.stop()
    assert not lane.is_running


def test_every_part_is_in_one_lane_and_has_its_sizes() -> None:
    for lanes in (LANES, QUICK_LANES):
        assert sorted(part for lane in lanes for part in lane) == sorted(PARTS)
    assert set(PARTS) == set(FULL) == set(USUAL) == set(QUICK)


def test_all_are_right_when_each_is() -> None:
    right, wrong = PartReport("kills", 1, kills=3, requests=4), PartReport("races", 1, requests=5, lost=1)
    found = sum_reports([right.to_json(), wrong.to_json()], 12.5)
    told = {
        name: found[name]
        for name in ("ok", "right", "in_time", "part", "requests", "kills", "lost", "seconds")
    }
    assert told == {
        "ok": False, "right": False, "in_time": True, "part": "kills+races", "requests": 9, "kills": 3, "lost": 1,
        "seconds": 12.5,
    }  # fmt: skip
    assert json.loads(json.dumps(found))["parts"][1]["lost"] == 1


@pytest.mark.parametrize(
    ("given", "requests"),
    [({}, 1000), ({"quick": True}, 4), ({"full": True}, 5000), ({"full": True, "requests": 7}, 7)],
)
def test_a_size_is_the_parts_own_unless_a_number_is_given(given: dict[str, object], requests: int) -> None:
    assert get_size("histories", {**OPTIONS, **given}).requests == requests


def test_the_parts_of_a_lane_are_asked_for_as_all_were() -> None:
    command = build_command(("drift", "races"), {**OPTIONS, "quick": True, "kills": 3}, 5)
    assert command[2:] == [
        "chaos", "--part", "drift", "--part", "races", "--seed", "5", "--switches", "default", "--json", "--quick",
        "--kills=3",
    ]  # fmt: skip
