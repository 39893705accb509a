"""Every queue is listened to, each by itself."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.db import connections

from catalog.sync.models import SyncSettings
from demo.embedded.child_process import wait_until
from fulfilment.background.tasks import PartialFailureError
from tests import factories
from workers.aws.errors import AwsError, ErrorKind
from workers.sync import events

pytestmark = pytest.mark.usefixtures("committed")

PATIENCE = 30
Listened = Counter[str]


@pytest.fixture
def while_listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Listened]]:
    """Begins to listen to one queue of each name; the queue `slow` does not answer, and `refused` refuses."""
    stop, ended, listened = threading.Event(), threading.Event(), Counter[str]()

    def listen() -> None:
        queues = events.EventQueues()
        while not stop.is_set():
            with suppress(PartialFailureError):
                queues.poll(stop)
        connections.close_all()

    def take(chosen: SyncSettings) -> int:
        listened.update([chosen.events_queue_url])
        if chosen.events_queue_url == "slow":
            ended.wait(PATIENCE)
        if chosen.events_queue_url == "refused":
            raise AwsError(ErrorKind.DENIED, "AccessDenied", "refused")
        if chosen.events_queue_url == "broken":
            raise TypeError("not foreseen")
        stop.wait(0.01)
        return 0

    def begin(*names: str) -> Listened:
        for name in names:
            account = factories.make_account(factories.make_team(name))
            SyncSettings.objects.create(catalog=factories.make_catalog(account), events_queue_url=name)
        running.start()
        return listened

    running = threading.Thread(target=listen)
    monkeypatch.setattr(events, "process_events", take)
    yield begin
    stop.set()
    ended.set()
    running.join(PATIENCE)
    assert not running.is_alive()


def test_a_queue_that_does_not_answer_holds_up_no_other(
    while_listening: Callable[..., Listened],
) -> None:
    listened = while_listening("slow", "refused", "broken", "quick")
    assert wait_until(lambda: listened["quick"] > 5, PATIENCE)
    assert listened["slow"] == listened["refused"] == listened["broken"] == 1


def test_a_queue_that_is_refused_is_asked_later_each_time(
    while_listening: Callable[..., Listened], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []

    def at_once(failures: int, _every: float) -> float:
        waits.append(failures)
        return 0.0

    monkeypatch.setattr(events, "compute_task_backoff", at_once)
    listened = while_listening("refused")
    assert wait_until(lambda: listened["refused"] >= 4, PATIENCE)
    assert waits[:3] == [1, 2, 3]


def test_a_queue_that_is_set_later_is_listened_to_and_one_that_is_taken_away_is_not(
    while_listening: Callable[..., Listened],
) -> None:
    listened = while_listening()
    account = factories.make_account(factories.make_team("later"))
    chosen = SyncSettings.objects.create(catalog=factories.make_catalog(account), events_queue_url="later")
    assert wait_until(lambda: listened["later"] > 1, PATIENCE)
    chosen.delete()
    before = listened["later"]
    assert not wait_until(lambda: listened["later"] > before + 1, 1)
