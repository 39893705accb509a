"""Flower shows the workers and their tasks."""

import json
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from demo.embedded.child_process import wait_until
from demo.embedded.ports import find_free_port
from tests.database import TestDatabase
from tests.workers.celery_processes import celery_processes

TIMEOUT_SECONDS = 60.0


def ask(port: int, path: str) -> dict[str, Any]:
    """Empty while Flower does not answer yet."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/{path}", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    except (URLError, TimeoutError):
        return {}
    return found


def workers_of_tasks(port: int) -> set[str | None]:
    """Flower lists a task that was sent and has not reached a worker without a worker."""
    return {task.get("worker") for task in ask(port, "tasks").values()}


def test_flower_sees_a_worker_and_its_tasks(committed: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESHMARKET_TASK_EVENTS", "true")
    monkeypatch.setenv("FLOWER_UNAUTHENTICATED_API", "true")
    port = find_free_port()
    with celery_processes() as celery:
        celery.start_flower(port)
        celery.start_worker("watched", concurrency=1)
        assert wait_until(lambda: "watched@test" in ask(port, "workers?refresh=1"), TIMEOUT_SECONDS), (
            celery.read_log("flower")
        )
        assert wait_until(lambda: "watched@test" in workers_of_tasks(port), TIMEOUT_SECONDS), celery.read_log(
            "flower"
        )
