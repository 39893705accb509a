"""Flower shows the workers and their tasks."""

import json
import socket
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from demo.embedded.child_process import wait_until
from tests.database import TestDatabase
from tests.workers.celery_processes import celery_processes

TIMEOUT_SECONDS = 60.0
"""After which nothing more is expected; a pass waits only as long as it must."""


class SocketConnection(HTTPConnection):
    """HTTP over a socket file: no port is chosen that another process may take."""

    def __init__(self, address: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._address))


def ask(address: Path, path: str) -> dict[str, Any]:
    """Empty while Flower does not answer yet."""
    connection = SocketConnection(address)
    try:
        connection.request("GET", f"/api/{path}")
        answer = connection.getresponse()
        found: dict[str, Any] = json.load(answer) if answer.status == 200 else {}
    except (OSError, HTTPException):
        return {}
    finally:
        connection.close()
    return found


def workers_of_tasks(address: Path) -> set[str | None]:
    """Flower lists a task that was sent and has not reached a worker without a worker."""
    return {task.get("worker") for task in ask(address, "tasks").values()}


def test_flower_sees_a_worker_and_its_tasks(committed: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESHMARKET_TASK_EVENTS", "true")
    monkeypatch.setenv("FLOWER_UNAUTHENTICATED_API", "true")
    with celery_processes() as celery:
        address = celery.start_flower()
        celery.start_worker("watched", concurrency=1)
        assert wait_until(lambda: "watched@test" in ask(address, "workers?refresh=1"), TIMEOUT_SECONDS), (
            celery.read_log("flower")
        )
        assert wait_until(lambda: "watched@test" in workers_of_tasks(address), TIMEOUT_SECONDS), (
            celery.read_log("flower")
        )
