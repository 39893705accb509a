"""Values for the question marks of a query."""

from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from mocklake.athena.failures import QueryFailedError

DIALECT = "athena"
_VALUES = (exp.Literal, exp.Neg, exp.Boolean, exp.Null, exp.Cast, exp.Interval, exp.Func)


def bound(text: str, values: Sequence[str]) -> str:
    """The text with each value in its place, from left to right. Raises QueryFailedError for what does not fit."""
    tokens = sqlglot.tokenize(text, read=DIALECT)
    marks = [one for one in tokens if one.token_type is TokenType.PLACEHOLDER]
    if len(marks) != len(values):
        counted = f"expected {len(marks)} but found {len(values)}"
        raise QueryFailedError(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: {counted}"
        )
    for mark, value in reversed(list(zip(marks, values, strict=True))):
        text = f"{text[: mark.start]} {_checked(value)} {text[mark.end + 1 :]}"
    return text


def split(text: str) -> tuple[str, ...]:
    """The values of USING. Raises QueryFailedError."""
    if not text.strip():
        return ()
    return tuple(one.sql(DIALECT) for one in _parsed(text))


def _checked(value: str) -> str:
    """A value is no piece of SQL: neither a column, a subquery nor an operator."""
    found = _parsed(value)
    is_value = len(found) == 1 and isinstance(found[0], _VALUES) and not isinstance(found[0], exp.Binary)
    if not is_value or found[0].find(exp.Column, exp.Query):
        raise QueryFailedError(f"INVALID_PARAMETER_USAGE: line 1:1: {value} is no value of a parameter")
    return value


def _parsed(text: str) -> list[exp.Expr]:
    try:
        (tree,) = sqlglot.parse(f"SELECT {text}", read=DIALECT)
    except (SqlglotError, ValueError) as error:
        raise QueryFailedError(f"INVALID_PARAMETER_USAGE: line 1:1: {text} cannot be read") from error
    is_list = isinstance(tree, exp.Select) and set(_given(tree)) == {"expressions"}
    return list(tree.expressions) if tree is not None and is_list else []


def _given(tree: exp.Expr) -> list[str]:
    return [name for name, value in tree.args.items() if value]
