"""A sweep does each thing at a pace of its own, and none waits for another."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from demo.embedded.child_process import wait_until
from fulfilment.background import tasks
from workers import sweep
from workers.sync.events import EventQueues

OFTEN, SELDOM = 0.02, 0.2
"""Seconds between two looks."""
PATIENCE = 30
NOTED = (
    *(
        "seal_pending_events",
        "run_due_rounds",
        "expire_due_grants",
        "run_requested_queries",
        "create_notifications",
        "run_requested_syncs",
        "read_trails",
    ),
    *(
        "warn_of_expiry",
        "remind_of_overdue_items",
        "count_uses",
        "delete_old_rows",
        "delete_stale_task_health",
        "database_now",
    ),
    "verify_recent_and_slice",
)
WAITS = ("run_requested_checkups", "send_due_mails", "send_deliveries")
"""What speaks to others, who may be slow to answer."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Counter[str]]:
    """How often a sweep that runs meanwhile did what; nothing of it speaks to a database. None of `WAITS` ends."""
    settings.CLAIM_EVERY, settings.SWEEP_EVERY = OFTEN, SELDOM
    counted: Counter[str] = Counter()
    ended = threading.Event()

    def counting(name: str) -> Callable[..., int]:
        return lambda *_, **__: counted.update([name]) or 0

    def waiting(name: str) -> Callable[..., bool]:
        return lambda *_, **__: counted.update([name]) or ended.wait(30)

    monkeypatch.setattr(tasks, "report_success", lambda *_, **__: None)
    monkeypatch.setattr(EventQueues, "poll", lambda _, stop: stop.wait(SELDOM))
    for name in NOTED:
        monkeypatch.setattr(sweep, name, counting(name))
    for name in WAITS:
        monkeypatch.setattr(sweep, name, waiting(name))
    stop = threading.Event()
    running = threading.Thread(target=sweep.run_sweep, args=[stop])
    running.start()
    yield counted
    stop.set()
    ended.set()
    running.join(30)
    assert not running.is_alive()


def test_who_is_slow_to_answer_holds_up_nothing_else(looks: Counter[str]) -> None:
    assert wait_until(lambda: all(looks[name] == 1 for name in WAITS), PATIENCE)
    before = looks.copy()
    assert wait_until(lambda: looks["run_due_rounds"] > before["run_due_rounds"] + 5, PATIENCE)
    assert wait_until(lambda: looks["create_notifications"] > before["create_notifications"] + 1, PATIENCE)
    assert wait_until(lambda: looks["expire_due_grants"] > before["expire_due_grants"] + 1, PATIENCE)
    assert all(looks[name] == 1 for name in WAITS)


def test_what_is_in_no_hurry_is_not_done_with_the_rest(looks: Counter[str]) -> None:
    assert wait_until(lambda: looks["create_notifications"] >= 2, PATIENCE)
    assert looks["run_due_rounds"] > looks["create_notifications"]
    assert looks["count_uses"] == looks["remind_of_overdue_items"] == 0
