"""The broker of a run: a Valkey that is killed and emptied."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import redis

from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey
from fulfilment.background.task_table import DISPATCH_TASK, Queue


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
