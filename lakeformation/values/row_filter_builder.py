"""A condition of a row filter from a column, an operator and a value, as they are entered in a form."""

import csv
from collections.abc import Mapping

from lakeformation.values.row_filter_parser import (
    KINDS_BY_TYPE,
    RowFilterError,
    parse_row_filter,
)
from lakeformation.values.row_filters import And, Literal, Or, join_with_and, quote_column

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
LISTS = {"in": "IN", "not in": "NOT IN"}
PATTERNS = {"starts with": "{}%", "contains": "%{}%"}
NULL_TESTS = {"is null": "IS NULL", "is not null": "IS NOT NULL"}
OPERATORS = (*COMPARISONS, *LISTS, *PATTERNS, *NULL_TESTS)


def add_condition(row_filter: str, column: str, operator: str, value: str, types: Mapping[str, str]) -> str:
    """The row filter and this condition, joined by AND. `operator` is one of OPERATORS; the values of a list are separated
    by commas. `types` are the Glue types of the table's columns. RowFilterError.
    """
    kind = KINDS_BY_TYPE.get(types.get(column, "").lower().partition("(")[0].strip(), "other")
    condition = parse_row_filter(f"{quote_column(column)} {_build_comparison(operator, value, kind)}", types)
    if isinstance(condition, And | Or):
        raise RowFilterError(f"{value[:40]} is not a value", 1)
    parts = [parse_row_filter(row_filter, types)] if row_filter.strip() else []
    return str(parse_row_filter(str(join_with_and([*parts, condition])), types))


def _build_comparison(operator: str, value: str, kind: str) -> str:
    if operator in NULL_TESTS:
        return NULL_TESTS[operator]
    if not value.strip():
        raise RowFilterError("a value is missing", 1)
    if operator in PATTERNS:
        return f"LIKE {Literal('text', PATTERNS[operator].format(value.strip()))}"
    if operator in LISTS:
        (texts,) = csv.reader([value], quotechar="'", skipinitialspace=True)
        return f"{LISTS[operator]} ({', '.join(_quote_value(text, kind) for text in texts if text.strip())})"
    return f"{operator} {_quote_value(value, kind)}"


def _quote_value(text: str, kind: str) -> str:
    """As it stands in a row filter; quotes that were typed around it are dropped."""
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] == "'":
        plain = plain[1:-1].replace("''", "'")
    return (
        plain if kind in {"number", "boolean"} else str(Literal(kind if kind != "other" else "text", plain))
    )
