"""Conditions on columns, as a caller of the data API writes them. Their values become parameters, never SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from requests_app.data_queries.sql import quote_name
from requests_app.data_queries.values import InvalidValueError, ValueKind, build_literal, get_kind

MAX_FILTERS = 20
MAX_VALUES = 100
"""Of `in`."""
BOUNDS = 2


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    IN = "in"
    BETWEEN = "between"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"


NULL_CHECKS = {Operator.IS_NULL: "IS NULL", Operator.NOT_NULL: "IS NOT NULL"}
EQUALITY = frozenset({Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN})


@dataclass(frozen=True)
class Condition:
    """`sql` has a question mark for each of `parameters`, which are Athena's literals."""

    sql: str
    parameters: tuple[str, ...] = ()


def build_conditions(filters: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> list[Condition]:
    """Takes {column, op, value}, by Glue's types of the columns that may be read. RefusedError names the place."""
    if len(filters) > MAX_FILTERS:
        raise RefusedError(_("Send at most %(most)s filters.") % {"most": MAX_FILTERS}, "filters")
    return [_build_condition(one, types, f"filters.{number}") for number, one in enumerate(filters)]


def _build_condition(said: Mapping[str, Any], types: Mapping[str, str], place: str) -> Condition:
    column, value = str(said.get("column")), said.get("value")
    if column not in types:
        words = {"column": column}
        raise RefusedError(_("You can't read a column %(column)s of this table.") % words, f"{place}.column")
    kind, operator = get_kind(types[column]), _parse_operator(said, place)
    name = quote_name(column)
    if operator in NULL_CHECKS:
        if value is not None:
            words = {"operator": operator.value}
            raise RefusedError(_("%(operator)s takes no value.") % words, f"{place}.value")
        return Condition(f"{name} {NULL_CHECKS[operator]}")
    _check_kind(kind, operator, types[column], place)
    literals = tuple(
        _build_literal(types[column], one, place) for one in _list_values(operator, value, place)
    )
    count = len(literals)
    if operator == Operator.IN:
        comparison = f"IN ({', '.join('?' * count)})"
    elif operator == Operator.BETWEEN:
        comparison = "BETWEEN ? AND ?"
    else:
        comparison = f"{'<>' if operator == Operator.NOT_EQUAL else operator.value} ?"
    return Condition(f"{name} {comparison}", literals)


def _parse_operator(said: Mapping[str, Any], place: str) -> Operator:
    try:
        return Operator(str(said.get("op")))
    except ValueError as error:
        known = ", ".join(Operator)
        raise RefusedError(_("Use one of %(operators)s.") % {"operators": known}, f"{place}.op") from error


def _check_kind(kind: ValueKind, operator: Operator, column_type: str, place: str) -> None:
    words = {"type": column_type, "operators": ", ".join([*NULL_CHECKS, *EQUALITY])}
    if kind == ValueKind.OTHER:
        words["operators"] = ", ".join(NULL_CHECKS)
    elif kind != ValueKind.BOOLEAN or operator in EQUALITY:
        return
    raise RefusedError(_("A column of type %(type)s takes only %(operators)s.") % words, f"{place}.op")


def _list_values(operator: Operator, value: object, place: str) -> list[object]:
    if operator not in {Operator.IN, Operator.BETWEEN}:
        return [value]
    if operator == Operator.BETWEEN and (not isinstance(value, list) or len(value) != BOUNDS):
        raise RefusedError(_("Send a list of the least and the greatest value."), f"{place}.value")
    if not isinstance(value, list) or not 0 < len(value) <= MAX_VALUES:
        words = {"most": MAX_VALUES}
        raise RefusedError(_("Send a list of 1 to %(most)s values.") % words, f"{place}.value")
    return value


def _build_literal(column_type: str, value: object, place: str) -> str:
    try:
        return build_literal(get_kind(column_type), value)
    except InvalidValueError as error:
        words = {"type": column_type}
        raise RefusedError(
            _("This is not a value for a column of type %(type)s.") % words, f"{place}.value"
        ) from error
