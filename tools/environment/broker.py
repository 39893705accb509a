"""The broker of a run: a Valkey that is killed and emptied, and who watches its messages."""

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from background.task_table import DISPATCH_TASK, Queue
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey

POLL_SECONDS = 0.05
IGNORED_SECONDS = 5.0
"""Seconds after a pause within which such messages are taken."""


class Broker(Valkey):
    """Only the main thread may start it."""

    def __init__(self, folder: StateFolder, program: Path) -> None:
        super().__init__(folder, program)
        self._client: Any = redis.Redis.from_url(self.url(), socket_timeout=1.0)

    def flush(self) -> None:
        """Delete all messages, as after a failover to an empty replica."""
        self._client.flushall()

    def find_messages_sent_twice(self) -> list[str]:
        """Tasks that wait twice for one row. The web's `dispatch.run` and retries, which the broker holds back, do not
        count.
        """
        found: list[str] = []
        for queue in Queue:
            headers = [json.loads(message)["headers"] for message in self._client.lrange(queue, 0, -1)]
            counts = Counter(
                f"{header['task']} {header['argsrepr']}"
                for header in headers
                if header["task"] != DISPATCH_TASK and not header["eta"]
            )
            found += [message for message, count in counts.items() if count > 1]
        return found

    def stop(self) -> None:
        self._client.close()
        super().stop()


class MessageWatcher:
    """A thread that looks for tasks that wait twice in the broker for one row, from `start` to `stop`."""

    def __init__(self, broker: Broker, write_line: Callable[[str], None]) -> None:
        self._broker, self._write_line = broker, write_line
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_repeatedly, daemon=True)
        self._ignored_until = 0.0
        self.sent_twice: set[str] = set()
        self.look_count = 0

    @contextmanager
    def ignore(self) -> Iterator[None]:
        """For paused workers: what one has marked but not sent is sent by another, and by both in the end."""
        self._ignored_until = math.inf
        yield
        self._ignored_until = time.monotonic() + IGNORED_SECONDS

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _look_repeatedly(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                found = set(self._broker.find_messages_sent_twice())
            except (redis.RedisError, OSError):
                continue
            if time.monotonic() >= self._ignored_until:
                for message in found - self.sent_twice:
                    self._write_line(f"sent twice: {message}")
                self.sent_twice |= found
            self.look_count += 1
