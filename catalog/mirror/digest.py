"""Canonical JSON and digests of AWS responses, for detecting changes. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

_FORMAT_VERSION = b"6"
"""Increase it when the parser reads more or differently, so that every stored digest differs."""


def to_utc_iso(moment: object) -> str:
    """A time as boto3 reads it, or as it stands in the JSON, seconds since 1970: as ISO 8601. Empty for anything else."""
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).isoformat()
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else ""


def to_canonical_json(body: Mapping[str, Any]) -> bytes:
    """With sorted keys, the same whatever the order. What orjson refuses (half a character, a number of more than 64 bits)
    takes the long way.
    """
    try:
        return orjson.dumps(body, to_utc_iso, _ENCODING_OPTIONS)
    except TypeError:
        return _encode_any(body).encode()


def compute_digest(*texts: bytes) -> str:
    """64 hexadecimal digits."""
    said = hashlib.blake2b(_FORMAT_VERSION, digest_size=32)
    for text in texts:
        said.update(text)
    return said.hexdigest()


_ENCODING_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_encode_any = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=to_utc_iso).encode
