"""Rows of a query as a Parquet file, in the types of the catalog."""

import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from requests_app.data_queries.queries import Row

MEDIA_TYPE = "application/vnd.apache.parquet"
ARROW_TYPES = {
    "boolean": "bool",
    "tinyint": "int8",
    "smallint": "int16",
    "int": "int32",
    "integer": "int32",
    "bigint": "int64",
    "float": "float32",
    "real": "float32",
    "double": "float64",
    "date": "date32",
    "timestamp": "timestamp[ms]",
}
"""By Glue's type. Decimals are built with their arguments, everything else is text."""
_DECIMAL = re.compile(r"decimal(?:\((\d+)(?:,\s*(\d+))?\))?")


def can_build() -> bool:
    """Whether pyarrow is here: the demo installs it when it already runs."""
    return find_spec("pyarrow") is not None


def build_parquet(columns: Sequence[str], types: Mapping[str, str], rows: Sequence[Row]) -> bytes:
    """`types` are Glue's, by column. A column with a value that is none of its type stays text, as in JSON."""
    import pyarrow.parquet

    arrays = [
        _build_array(pyarrow, types.get(name, ""), [row[at] for row in rows])
        for at, name in enumerate(columns)
    ]
    file = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays, names=list(columns)), file)
    return file.getvalue()


def _build_array(arrow: Any, column_type: str, texts: Sequence[str | None]) -> Any:
    array = arrow.array(texts, arrow.string())
    try:
        return array.cast(_get_arrow_type(arrow, column_type.lower()))
    except ValueError:
        return array


def _get_arrow_type(arrow: Any, column_type: str) -> Any:
    if found := _DECIMAL.fullmatch(column_type):
        return arrow.decimal128(int(found[1] or 10), int(found[2] or 0))
    return arrow.type_for_alias(ARROW_TYPES.get(column_type, "string"))
