"""Digests of events and of the links of the audit chain."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


def event_digest(*, at: datetime, verb: str, actor: str, subject: str, data: dict[str, Any]) -> str:
    """SHA-256 of the event's canonical JSON: sorted keys, no spaces, time in UTC with microseconds."""
    body = [at.astimezone(UTC).isoformat(timespec="microseconds"), verb, actor, subject, data]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def link_hash(*, seq: int, digest: str, prev: str) -> str:
    """SHA-256 of `seq:digest:prev`; the first link's `prev` is 64 zeros."""
    return hashlib.sha256(f"{seq}:{digest}:{prev}".encode()).hexdigest()
