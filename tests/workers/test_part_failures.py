"""An unexpected exception ends no thread of the sweep or the web, and no Celery task; it shows and clears."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import connections
from django.test import Client

from demo.embedded.child_process import wait_until
from fulfilment.background import tasks as background_parts
from fulfilment.background.models import TaskHealth
from fulfilment.background.tasks import BackgroundTask, run_until
from marketplace import deferred_decisions
from marketplace.celery import app
from tests.database import TestDatabase, as_role, set_role
from tests.workers.engine_rounds import WORKER
from workers import sweep, tasks

TIMEOUT_SECONDS = 30.0
SWEEP_PARTS = [part.name for parts in sweep.build_threads(threading.Event()) for part in parts]
CLERK_PARTS = [part.name for part in deferred_decisions.list_parts()]
OUR_TASKS = sorted(name for name in app.tasks if name.startswith("workers."))


class UnforeseenError(Exception):
    """None that any code expects."""


class FakeParts:
    """Stands in for the work of parts: counts it, and has one part raise for as long as `is_broken`."""

    def __init__(self, broken: str, role: str) -> None:
        self.calls: Counter[str] = Counter()
        self.is_broken = True
        self._broken, self._role = broken, role

    def work_of(self, name: str) -> Callable[[], None]:
        def work() -> None:
            set_role(self._role)
            self.calls[name] += 1
            if name == self._broken and self.is_broken:
                raise UnforeseenError("a secret that is not to be shown")

        return work

    def replaced(self, parts: Sequence[BackgroundTask]) -> list[BackgroundTask]:
        return [BackgroundTask(part.name, self.work_of(part.name), 0.05) for part in parts]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_parts, "MIN_WAIT", 0.05)
    monkeypatch.setattr(background_parts, "MAX_WAIT", 0.2)
    monkeypatch.setattr(background_parts, "REPORT_INTERVAL", 0.05)


@pytest.fixture
def running(committed: TestDatabase) -> Iterator[Callable[[Callable[[threading.Event], None]], None]]:
    """Runs something in a thread until the test ends; it ends by itself then."""
    stop, threads = threading.Event(), list[threading.Thread]()

    def begin(target: Callable[[threading.Event], None]) -> None:
        threads.append(threading.Thread(target=target, args=[stop]))
        threads[0].start()

    yield begin
    stop.set()
    for thread in threads:
        thread.join(TIMEOUT_SECONDS)
        assert not thread.is_alive()
    connections.close_all()


def get_row(name: str, process: str) -> TaskHealth | None:
    return TaskHealth.objects.filter(part=name, process=process).first()


def is_failing(name: str, process: str) -> bool:
    row = get_row(name, process)
    return row is not None and row.failing_since is not None and row.failures > 1


def assert_survives(stand: FakeParts, broken: str, process: str, parts: Sequence[str]) -> None:
    """It fails again and again, its neighbours go on, it shows, and it recovers."""
    assert wait_until(lambda: is_failing(broken, process), TIMEOUT_SECONDS)
    before = stand.calls.copy()
    others = [name for name in parts if name != broken]
    assert wait_until(lambda: all(stand.calls[name] > before[name] for name in others), TIMEOUT_SECONDS)
    row = get_row(broken, process)
    assert row is not None
    assert (row.error_class, len(row.error_id), row.next_try_at is not None) == ("UnforeseenError", 8, True)
    assert "secret" not in str(vars(row))
    answer = Client().get("/healthz")
    assert (answer.status_code, broken in answer.json()["degraded"]) == (200, True)
    stand.is_broken = False
    assert wait_until(lambda: not is_failing(broken, process), TIMEOUT_SECONDS)
    assert wait_until(lambda: broken not in Client().get("/healthz").json()["degraded"], TIMEOUT_SECONDS)


@pytest.mark.parametrize("broken", SWEEP_PARTS)
def test_a_part_of_the_sweep(
    broken: str,
    running: Callable[[Callable[[threading.Event], None]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand, table = FakeParts(broken, WORKER), sweep.build_threads
    monkeypatch.setattr(sweep, "build_threads", lambda stop: [stand.replaced(parts) for parts in table(stop)])
    running(sweep.run_sweep)
    assert_survives(stand, broken, "sweep", SWEEP_PARTS)


@pytest.mark.parametrize("broken", CLERK_PARTS)
def test_a_part_of_the_clerk(
    broken: str,
    running: Callable[[Callable[[threading.Event], None]], None],
) -> None:
    stand = FakeParts(broken, "meshmarket_web")
    parts = stand.replaced(deferred_decisions.list_parts())
    running(lambda stop: run_until(stop, parts, deferred_decisions.PROCESS_NAME))
    assert_survives(stand, broken, "web", CLERK_PARTS)


def test_every_task_does_parts() -> None:
    assert sorted(tasks.BACKGROUND_TASKS) == OUR_TASKS


@pytest.mark.parametrize("name", OUR_TASKS)
@pytest.mark.usefixtures("committed")
def test_a_task_ends_well_and_its_failure_shows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_parts, "MIN_WAIT", 60.0)
    monkeypatch.setattr(background_parts, "MAX_WAIT", 60.0)
    for broken in [part.name for part in tasks.BACKGROUND_TASKS[name]()]:
        stand = FakeParts(broken, WORKER)
        parts = stand.replaced(tasks.BACKGROUND_TASKS[name]())
        monkeypatch.setattr(tasks, "get_background_tasks", lambda _name, parts=parts: parts)
        with as_role(WORKER):
            for _ in range(3):
                app.tasks[name].apply(throw=True)
            row = get_row(broken, "celery")
        assert row is not None
        assert row.error_class == "UnforeseenError"
        # A message that comes while it backs off does not try it again; the others are done each time.
        assert stand.calls[broken] == 1
        assert all(stand.calls[part.name] == 3 for part in parts if part.name != broken)
