"""Every call that a client sends is counted, in memory, by account, region and API."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

Key = tuple[str, str, str]
"""Account, region, API."""
_lock = threading.Lock()
_calls: Counter[Key] = Counter()


def count(client: Any, account: Callable[[], str]) -> None:
    """Count what this client sends from now on; `account` says for which account it speaks just then."""

    def sent(model: Any, **_kwargs: Any) -> None:
        with _lock:
            _calls[account(), client.meta.region_name, str(model.name)] += 1

    client.meta.events.register("before-call", sent)


def drain() -> dict[Key, int]:
    """What was counted since the last time."""
    with _lock:
        found = dict(_calls)
        _calls.clear()
    return found
