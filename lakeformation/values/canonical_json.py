"""Canonical JSON, so that equal values have equal digests."""

import hashlib
import json
from typing import Any


def to_canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces; sets must have been sorted into lists before."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(value: Any) -> str:
    """SHA-256 of `to_canonical_json(value)`, 64 hexadecimal digits."""
    return hashlib.sha256(to_canonical_json(value).encode()).hexdigest()
