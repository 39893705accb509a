"""Comparisons that Trino refuses because of their types, where DuckDB would convert one side."""

from sqlglot import exp

from mocklake.athena.error_text import cannot_apply
from mocklake.athena.expression_types import ColumnTypes, is_number, type_of
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.positions import position_of

_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip


def check(query: exp.Expr, types: ColumnTypes) -> None:
    """Raises QueryFailedError TYPE_MISMATCH."""
    for node in query.find_all(*_OPERATORS):
        left, right = type_of(node.this, types), type_of(node.expression, types)
        if _differ(left, right):
            shown = (_shown(node.this, left), _OPERATORS[type(node)], _shown(node.expression, right))
            raise QueryFailedError(cannot_apply(position_of(node), *shown))


def _differ(left: str, right: str) -> bool:
    sorts = {_sort(left), _sort(right)}
    return "" not in sorts and len(sorts) > 1


def _sort(kind: str) -> str:
    """Types of one sort can be compared."""
    if is_number(kind):
        return "number"
    if kind.startswith(("varchar", "char")):
        return "text"
    if kind == "date" or kind.startswith("timestamp"):
        return "moment"
    return "boolean" if kind == "boolean" else ""


def _shown(node: exp.Expr, kind: str) -> str:
    is_text = isinstance(node, exp.Literal) and node.is_string
    return f"varchar({len(node.name)})" if is_text else kind
