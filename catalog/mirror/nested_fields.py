"""Fields inside of nested column types: found by the search as columns are. Pure."""

import re

MAX_FIELDS = 2000
_FIELD = re.compile(r"[<,(]\s*`?([^:<>,()`\s]+)`?\s*:")


def list_nested_fields(column_type: str) -> list[str]:
    """Names in order: `array<struct<iban:string,owner:struct<name:string>>>` holds iban, owner and name."""
    if "<" not in column_type:
        return []
    return _FIELD.findall(column_type)[:MAX_FIELDS]
