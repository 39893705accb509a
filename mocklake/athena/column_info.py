"""Columns of a result as Athena describes them."""

import re
from typing import Any

LONGEST = 2_147_483_647
_PRECISIONS = {
    "boolean": 0, "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "float": 17, "double": 17, "date": 0,
    "timestamp": 3, "timestamp with time zone": 3, "time": 3, "time with time zone": 3,
    "varchar": LONGEST, "varbinary": 1_073_741_824,
}  # fmt: skip
_WITH_NUMBERS = re.compile(r"(varchar|char|decimal)\((\d+)(?:,\s*(\d+))?\)")
_CASE_SENSITIVE = {"varchar", "char"}


def column_info(name: str, kind: str) -> dict[str, Any]:
    """`kind` as in `Result.columns`. Nested types are told without what is in them."""
    found = _WITH_NUMBERS.fullmatch(kind)
    outer = found[1] if found else kind.partition("(")[0].partition("<")[0]
    precision = int(found[2]) if found else _PRECISIONS.get(outer, 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": outer,
        "Precision": precision,
        "Scale": int(found[3] or 0) if found else 0,
        "Nullable": "UNKNOWN",
        "CaseSensitive": outer in _CASE_SENSITIVE,
    }
