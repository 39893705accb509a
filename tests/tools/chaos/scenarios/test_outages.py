"""`manage.py chaos --part outages`: how the delay that an outage adds is counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tools.chaos.compare.test_observed import GRANT
from tools.chaos.compare import convergence
from tools.chaos.report import PartReport, RunOptions
from tools.chaos.scenarios import outages
from tools.chaos.scenarios.outages import Outage, OutageRun, ProofDelay, compute_added_delay

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BI, RISK, OWNER = "310000000001", "320000000001", "111111111111"


def build_time(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def build_delay(asked: float, proven: float, account: str = BI) -> ProofDelay:
    return ProofDelay(build_time(asked), build_time(proven), frozenset({account, OWNER}))


CALM = build_delay(0, 2)
CALM_STRETCH = Outage("calm", build_time(0), build_time(9))
DATABASE = Outage("database", build_time(10), build_time(20))
ACCOUNT = Outage("account", build_time(30), build_time(90), BI)


@pytest.mark.parametrize(
    ("one", "added"),
    [
        (build_delay(3, 5), 0.0),
        (build_delay(5, 24), 7.0),
        (build_delay(12, 23), 1.0),
        (build_delay(40, 95), 3.0),
        (build_delay(40, 95, RISK), 53.0),
    ],
)
def test_an_outage_itself_is_no_delay_to_whom_it_concerns(one: ProofDelay, added: float) -> None:
    assert compute_added_delay([CALM, one], [DATABASE, ACCOUNT], [CALM_STRETCH]) == added


def test_usual_is_what_a_proof_takes_in_the_calm_after_all_outages_too() -> None:
    again = Outage("calm again", build_time(100), build_time(120))
    slow, late = build_delay(101, 106), build_delay(21, 30)
    assert compute_added_delay([CALM, slow, late], [DATABASE], [CALM_STRETCH]) == 7.0
    assert compute_added_delay([CALM, slow, late], [DATABASE], [CALM_STRETCH, again]) == 4.0


def test_what_an_outage_left_behind_is_not_usual() -> None:
    again = Outage("calm again", build_time(100), build_time(120))
    left = build_delay(95, 110)
    assert compute_added_delay([CALM, left], [ACCOUNT], [CALM_STRETCH, again]) == 13.0


def test_what_was_never_proven_is_counted_elsewhere() -> None:
    never = ProofDelay(build_time(12), None, frozenset({BI}))
    assert compute_added_delay([CALM, never], [DATABASE], [CALM_STRETCH]) == 0.0


def test_an_early_end_is_not_right() -> None:
    assert PartReport("outages", 1).ok
    assert not PartReport("outages", 1, early=1).is_right


def test_the_calm_lasts_until_what_was_asked_in_it_is_proven_and_some_of_it_present(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings = iter(
        [[GRANT], [replace(GRANT, is_proven=False)], [replace(GRANT, is_proven=False)], [GRANT], [GRANT]]
    )
    revoked, proven = ProofDelay(build_time(0), None, frozenset()), build_delay(0, 2)
    delays = iter([[revoked], [revoked, proven]])
    monkeypatch.setattr(outages, "_read_delays", lambda _: next(delays))
    monkeypatch.setattr(outages, "read_approved", lambda _: next(readings))
    monkeypatch.setattr(outages, "wake_workers", lambda: None)
    monkeypatch.setattr(outages, "REQUEST_PAUSE", 0.0)
    monkeypatch.setattr(convergence, "POLL_SECONDS", 0.0)
    stage: Any = SimpleNamespace(superuser_url="", broker=object())
    asked: list[int] = []
    crowd: Any = SimpleNamespace(step=lambda: asked.append(1))
    OutageRun(stage, crowd, RunOptions(1, 18, 0)).run_calm()
    assert (len(asked), next(readings, "none is left"), next(delays, "none")) == (4, "none is left", "none")
