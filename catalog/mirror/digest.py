"""What AWS answers as one text, and the digest of it: how a reading sees that nothing has changed. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

_MAPPING = b"4"
"""Raised when more is read out of an answer, or otherwise: every table then differs from its stored digest."""


def utc(moment: object) -> str:
    """A time as boto3 reads it, or as it stands in the JSON, seconds since 1970: as ISO 8601. Empty for anything else."""
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).isoformat()
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else ""


def json_of(body: Mapping[str, Any]) -> bytes:
    """With sorted keys, the same whatever the order. What orjson refuses (half a character, a number of more than 64 bits)
    takes the long way.
    """
    try:
        return orjson.dumps(body, utc, _SORTED)
    except TypeError:
        return _at_length(body).encode()


def digest_of(*texts: bytes) -> str:
    """64 hexadecimal digits."""
    said = hashlib.blake2b(_MAPPING, digest_size=32)
    for text in texts:
        said.update(text)
    return said.hexdigest()


_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_at_length = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=utc).encode
