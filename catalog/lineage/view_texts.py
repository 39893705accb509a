"""The SQL of a view of Glue. Athena and Presto write it encoded into the comment `/* Presto View: … */`. Pure."""

import base64
import binascii
import json
import re
from typing import NamedTuple

_PRESTO = re.compile(r"\s*/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/\s*")


class ViewText(NamedTuple):
    """`database` is where the query's names without one lie; empty: where the view lies."""

    sql: str
    dialect: str
    database: str = ""


def decode_view(text: str) -> ViewText | None:
    """None where there is no text, or none that can be read. Spark, Hive and Data Catalog views are SQL as it is."""
    if found := _PRESTO.fullmatch(text):
        return _decode_presto(found[1])
    return ViewText(text, "spark") if text.strip() and "Presto View" not in text else None


def _decode_presto(encoded: str) -> ViewText | None:
    try:
        said = json.loads(base64.b64decode("".join(encoded.split()), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("originalSql"), str):
        return None
    return ViewText(said["originalSql"], "athena", str(said.get("schema") or ""))
