"""Arrays as PostgreSQL reads them. psycopg's own are written value by value with regular expressions, which took a third of the time of a
call with a hundred events.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any


def build_array(values: Iterable[Any]) -> str:
    """Of texts, numbers, times, UUIDs and None. The statement casts it to its type."""
    return "{" + ",".join(map(_build_element, values)) + "}"


def _build_element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        if "\\" in value or '"' in value:
            value = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{value}"'
    if isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    return str(value)
