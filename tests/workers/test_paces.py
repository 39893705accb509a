"""A sweep does each thing at a pace of its own, and none waits for another."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from demo.embedded.process import wait_until
from workers import sweep

OFTEN, SELDOM = 0.02, 0.2
"""Seconds between two looks."""
PATIENCE = 30
NOTED = (
    *("seal_all", "converge", "expire_due", "query_asked", "deliver", "sync_requested", "read_trails"),
    *("listen_until", "warn_due", "press_overdue", "count_uses", "forget_old", "database_now"),
)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Counter[str]]:
    """How often a sweep that runs meanwhile did what; nothing of it speaks to a database. The check never ends."""
    settings.CLAIM_EVERY, settings.SWEEP_EVERY = OFTEN, SELDOM
    counted: Counter[str] = Counter()
    ended = threading.Event()

    def counting(name: str) -> Callable[..., int]:
        return lambda *_, **__: counted.update([name]) or 0

    for name in NOTED:
        monkeypatch.setattr(sweep, name, counting(name))
    monkeypatch.setattr(sweep, "check_asked", lambda: counted.update(["check_asked"]) or ended.wait(30))
    stop = threading.Event()
    running = threading.Thread(target=sweep.sweep_until, args=[stop])
    running.start()
    yield counted
    stop.set()
    ended.set()
    running.join(30)
    assert not running.is_alive()


def test_a_check_that_does_not_end_holds_up_neither_the_scopes_nor_what_is_told(looks: Counter[str]) -> None:
    assert wait_until(lambda: looks["check_asked"] == 1, PATIENCE)
    before = looks.copy()
    assert wait_until(lambda: looks["converge"] > before["converge"] + 5, PATIENCE)
    assert wait_until(lambda: looks["deliver"] > before["deliver"] + 1, PATIENCE)
    assert looks["check_asked"] == 1


def test_what_is_in_no_hurry_is_not_done_with_the_rest(looks: Counter[str]) -> None:
    assert wait_until(lambda: looks["deliver"] >= 2, PATIENCE)
    assert looks["converge"] > looks["deliver"]
    assert looks["count_uses"] == looks["press_overdue"] == 0
