"""The last calls, for looking over mocklake's shoulder: who called what, and how it ended."""

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from itertools import count
from threading import Lock
from typing import Any

KEPT = 5_000


@dataclass(frozen=True)
class CallRecord:
    """`error` is the AWS error code, empty for success; `number` grows by one with every call."""

    number: int
    time: str
    account: str
    principal: str
    service: str
    operation: str
    region: str
    error: str
    request_id: str


@dataclass
class CallLog:
    """A ring of the newest calls, and a count of what was asked for in vain."""

    records: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=KEPT))
    unimplemented: Counter[str] = field(default_factory=Counter)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, **fields: str) -> None:
        with self._lock:
            self.records.append(CallRecord(number=next(self._numbers), **fields))
            if fields["error"] == "MocklakeNotImplemented":
                self.unimplemented[f"{fields['service']}:{fields['operation']}"] += 1

    def since(self, number: int) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(one) for one in self.records if one.number > number]

    def clear(self) -> None:
        with self._lock:
            self.records.clear()
            self.unimplemented.clear()
