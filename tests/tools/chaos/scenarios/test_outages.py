"""`manage.py chaos --part outages`: how the delay that an outage adds is counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tools.chaos.compare.test_observed import GRANT
from tools.chaos.compare import convergence
from tools.chaos.report import Asked, Report
from tools.chaos.scenarios import outages
from tools.chaos.scenarios.outages import Delay, Outage, Run, added_delay

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BI, RISK, OWNER = "310000000001", "320000000001", "111111111111"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def delay(asked: float, proven: float, account: str = BI) -> Delay:
    return Delay(at(asked), at(proven), frozenset({account, OWNER}))


CALM = delay(0, 2)
CALMLY = Outage("calm", at(0), at(9))
DATABASE = Outage("database", at(10), at(20))
ACCOUNT = Outage("account", at(30), at(90), BI)


@pytest.mark.parametrize(
    ("one", "added"),
    [
        (delay(3, 5), 0.0),
        (delay(5, 24), 7.0),
        (delay(12, 23), 1.0),
        (delay(40, 95), 3.0),
        (delay(40, 95, RISK), 53.0),
    ],
)
def test_an_outage_itself_is_no_delay_to_whom_it_concerns(one: Delay, added: float) -> None:
    assert added_delay([CALM, one], [DATABASE, ACCOUNT], [CALMLY]) == added


def test_usual_is_what_a_proof_takes_in_the_calm_after_all_outages_too() -> None:
    again = Outage("calm again", at(100), at(120))
    slow, late = delay(101, 106), delay(21, 30)
    assert added_delay([CALM, slow, late], [DATABASE], [CALMLY]) == 7.0
    assert added_delay([CALM, slow, late], [DATABASE], [CALMLY, again]) == 4.0


def test_what_an_outage_left_behind_is_not_usual() -> None:
    again = Outage("calm again", at(100), at(120))
    left = delay(95, 110)
    assert added_delay([CALM, left], [ACCOUNT], [CALMLY, again]) == 13.0


def test_what_was_never_proven_is_counted_elsewhere() -> None:
    never = Delay(at(12), None, frozenset({BI}))
    assert added_delay([CALM, never], [DATABASE], [CALMLY]) == 0.0


def test_an_early_end_is_not_right() -> None:
    assert Report("outages", 1).ok
    assert not Report("outages", 1, early=1).is_right


def test_the_calm_lasts_until_what_was_asked_in_it_is_proven_and_some_of_it_present(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings = iter(
        [[GRANT], [replace(GRANT, is_proven=False)], [replace(GRANT, is_proven=False)], [GRANT], [GRANT]]
    )
    revoked, proven = Delay(at(0), None, frozenset()), delay(0, 2)
    delays = iter([[revoked], [revoked, proven]])
    monkeypatch.setattr(outages, "_delays", lambda _: next(delays))
    monkeypatch.setattr(outages, "read_agreed", lambda _: next(readings))
    monkeypatch.setattr(outages, "ring", lambda: None)
    monkeypatch.setattr(outages, "ASK_PAUSE", 0.0)
    monkeypatch.setattr(convergence, "PAUSE", 0.0)
    stage: Any = SimpleNamespace(superuser_url="", say=lambda _: None)
    asked: list[int] = []
    crowd: Any = SimpleNamespace(step=lambda: asked.append(1))
    Run(stage, crowd, Asked(1, 15, 0)).calm()
    assert (len(asked), next(readings, "none is left"), next(delays, "none")) == (4, "none is left", "none")
