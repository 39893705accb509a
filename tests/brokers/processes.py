"""Processes of the tests' Celery application: one that publishes, and workers."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from demo.bootstrap import ROOT
from demo.embedded.child_process import Child, wait_until
from tests.brokers.servers import Broker

QUEUES = ("engine", "sync", "outbox", "audit", "default")


def make_environment(broker: Broker, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **broker.environment,
        "MESHMARKET_BROKER_URL": _own_queues(broker.url, folder.name),
        "TASK_FOLDER": str(folder),
    }


def _own_queues(url: str, prefix: str) -> str:
    """SQS purges a queue once a minute: each test has queues of its own."""
    return f"{url}&prefix={prefix}-" if url.startswith("sqs:") else url


def read_lines(folder: Path) -> list[str]:
    """What the tasks have written."""
    file = folder / "lines"
    return file.read_text().splitlines() if file.exists() else []


class Publisher:
    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.brokers.publisher"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def send(self, mark: str, queue: str, seconds: float = 0.0) -> dict[str, Any]:
        sent: dict[str, Any] = self._ask("send", mark, queue, seconds)
        return sent

    def read_lengths(self) -> dict[str, int | None]:
        lengths: dict[str, int | None] = self._ask("lengths")
        return lengths

    def purge(self) -> None:
        self._ask("purge")

    def set_visibility_timeout(self, seconds: int) -> None:
        self._ask("timeout", seconds)

    def delete_sqs_queues(self) -> None:
        self._ask("delete")

    def _ask(self, *request: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class WorkerFactory:
    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self._workers: list[Child] = []

    def start(self, pool: str = "threads", **environment: str) -> Child:
        name = f"worker{len(self._workers)}"
        command = [sys.executable, "-m", "celery", "-A", "tests.brokers.celery_app", "worker", "-c", "2"]
        options = ["-P", pool, "-n", f"{name}@%h", "-Q", ",".join(QUEUES), "--loglevel", "INFO"]
        worker = Child(
            name,
            [*command, *options],
            log=self.folder / f"{name}.log",
            environment={**self.environment, **environment},
            folder=ROOT,
        )
        worker.start()
        self._workers.append(worker)
        assert wait_until(lambda: "ready." in worker.log.read_text() or not worker.is_running, 60)
        assert worker.is_running, worker.log.read_text()
        return worker

    def stop_all(self) -> None:
        for worker in self._workers:
            worker.stop()

    def kill_all(self) -> None:
        """Without waiting for their tasks."""
        for worker in self._workers:
            worker.kill()
