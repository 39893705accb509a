"""The types of expressions as far as a query's text and its tables tell them; empty where they do not."""

from collections.abc import Mapping

from sqlglot import exp

ColumnTypes = Mapping[str, str]
"""Glue's types of columns by lower-case name, without those that differ between the tables."""
_INTEGERS = {"tinyint", "smallint", "int", "integer", "bigint"}
_NUMBERS = {*_INTEGERS, "double", "float", "real"}
_SAME_AS_OPERAND = (
    exp.Paren,
    exp.Neg,
    exp.Max,
    exp.Min,
    exp.Abs,
    exp.DateAdd,
    exp.DateSub,
    exp.DateTrunc,
    exp.TimestampTrunc,
)
_COUNTING = (exp.Count, exp.Length, exp.ArraySize, exp.CountIf, exp.ApproxDistinct)
ALIASES = {"text": "varchar", "string": "varchar", "int": "integer", "float": "double"}


def is_integer(kind: str) -> bool:
    return kind in _INTEGERS


def is_number(kind: str) -> bool:
    return kind in _NUMBERS or kind.startswith("decimal")


def type_of(node: exp.Expr, types: ColumnTypes) -> str:
    if isinstance(node, exp.Column):
        return types.get(node.name.lower(), "")
    if isinstance(node, exp.Literal):
        return "varchar" if node.is_string else "integer" if node.is_int else "decimal"
    if isinstance(node, (exp.Cast, exp.TryCast)):
        return _written(node.to)
    return _of_function(node, types)


def _of_function(node: exp.Expr, types: ColumnTypes) -> str:
    if isinstance(node, _SAME_AS_OPERAND):
        return type_of(node.this, types)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod)):
        return _of_operands(node, types)
    counts = isinstance(node, _COUNTING) or (
        isinstance(node, exp.Sum) and is_integer(type_of(node.this, types))
    )
    if counts:
        return "bigint"
    return "map" if isinstance(node, (exp.Map, exp.VarMap, exp.ToMap)) else ""


def _written(kind: exp.Expr) -> str:
    text = kind.sql("trino").lower().replace(" ", "")
    return ALIASES.get(text, text)


def _of_operands(node: exp.Binary, types: ColumnTypes) -> str:
    left, right = type_of(node.this, types), type_of(node.expression, types)
    if is_integer(left) and is_integer(right):
        return "bigint" if "bigint" in (left, right) else "integer"
    is_shifted = left == "date" and isinstance(node.expression, exp.Interval)
    return "date" if is_shifted else ""
