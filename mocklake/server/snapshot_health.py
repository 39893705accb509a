"""Whether what was written is on disk too."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger("mocklake")


@dataclass
class SnapshotHealth:
    """`error` is empty when the last snapshot was written; `since` is when the first one failed."""

    error: str = ""
    since: datetime | None = None
    attempts: int = 0

    @property
    def is_ok(self) -> bool:
        return not self.error

    def note_failure(self, error: str, trace: str) -> None:
        """Logs each cause once."""
        if error != self.error:
            log.error("the snapshot could not be written, it is tried again: %s\n%s", error, trace)
        self.since = self.since or datetime.now(UTC)
        self.error, self.attempts = error, self.attempts + 1

    def note_success(self) -> None:
        if self.error:
            log.warning("the snapshot is written again, after %d failures", self.attempts)
        self.error, self.since, self.attempts = "", None, 0

    def described(self) -> dict[str, Any]:
        since = self.since.isoformat() if self.since else None
        return {"error": self.error, "since": since, "attempts": self.attempts}
