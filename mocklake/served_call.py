"""One call as it went: what CloudTrail writes down and what Glue's events are made from."""

from dataclasses import dataclass, field
from typing import Any

from mocklake.iam.callers import Caller


@dataclass
class Happening:
    """Filled while a call is served. `code` and `message` are of its AWS error, empty for success.

    `parameters` and `answer` are by the model's names; `answer` is None where moto wrote it itself.
    """

    service: str
    operation: str
    region: str
    request_id: str
    source_ip: str = "127.0.0.1"
    user_agent: str = "mocklake"
    caller: Caller | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = None
    code: str = ""
    message: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.code)
