"""The broker of chaos: it is emptied, and a message that is sent twice is found."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from background.task_table import DISPATCH_TASK, TaskName
from demo.embedded.child_process import wait_until
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import find_valkey
from demo.embedded.waits import wait_for
from marketplace.celery import app
from tools.environment import worker_environment as broker_module
from tools.environment.process_connections import use_broker
from tools.environment.worker_environment import Broker, MessageWatcher
from workers.tasks import send_row_task

TIMEOUT_SECONDS = 30.0


@pytest.fixture
def broker() -> Iterator[Broker]:
    program = find_valkey()
    if program is None:
        pytest.skip("no Valkey")
    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        folder = StateFolder(Path(temporary))
        folder.acquire()
        found = Broker(folder, program)
        found.start()
        with use_broker(found.url()):
            yield found
        found.stop()
        folder.release()


def send(task: TaskName, row_id: int) -> None:
    """On a busy machine the broker may not answer within the time that a sender waits."""
    assert wait_until(lambda: send_row_task(task, row_id), TIMEOUT_SECONDS)


def test_a_task_that_waits_twice_for_a_row_is_found(broker: Broker) -> None:
    send(TaskName.CONVERGE_SCOPE, 1)
    send(TaskName.CONVERGE_SCOPE, 2)
    send(TaskName.CHECK_ACCOUNT, 1)
    assert broker.find_messages_sent_twice() == []
    send(TaskName.CONVERGE_SCOPE, 2)
    assert broker.find_messages_sent_twice() == ["engine.converge_scope [2]"]
    broker.flush()
    assert broker.find_messages_sent_twice() == []


def test_nudges_of_the_web_and_retries_are_no_second_message(broker: Broker) -> None:
    for _ in range(2):
        app.send_task(DISPATCH_TASK)
    send(TaskName.SEND_MAIL, 1)
    app.send_task(TaskName.SEND_MAIL, args=[1], countdown=30)
    assert broker.find_messages_sent_twice() == []


def wait_for_look(watcher: MessageWatcher) -> None:
    """One that begins from now on has ended."""
    before = watcher.look_count
    wait_for(lambda: watcher.look_count > before + 1, TIMEOUT_SECONDS, "The watcher did not look", 0.02)


def test_what_is_sent_twice_around_a_pause_is_ignored(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "IGNORED_SECONDS", 3600.0)
    watcher = MessageWatcher(broker, lambda _line: None)
    watcher.start()
    with watcher.ignore():
        for _ in range(2):
            send(TaskName.SEAL, 0)
        wait_for_look(watcher)
    wait_for_look(watcher)
    watcher.stop()
    assert not watcher.sent_twice


def test_a_broker_that_is_away_for_a_while_is_looked_at_again(broker: Broker) -> None:
    lines: list[str] = []
    watcher = MessageWatcher(broker, lines.append)
    watcher.start()
    broker.kill()
    broker.start()
    for _ in range(2):
        send(TaskName.SEAL, 0)
    assert wait_until(lambda: bool(watcher.sent_twice), TIMEOUT_SECONDS)
    watcher.stop()
    assert lines == ["sent twice: audit.seal [0]"]
