"""DuckDB's errors in the words of Athena, without what they tell of other columns and tables."""

import re
from collections.abc import Callable

import duckdb
from sqlglot import exp

from mocklake.athena.positions import identifier_position, position_of

NOT_RESOLVED = "cannot be resolved or requester is not authorized to access requested resources"
_MISSING_COLUMN = re.compile(r'Referenced column "(?P<column>[^"]+)" not found')
_MISSING_MEMBER = re.compile(r'"(?P<table>[^"]+)" does not have a column named "(?P<column>[^"]+)"')
_MISSING_TABLE = re.compile(r'Referenced table "(?P<table>[^"]+)" not found')
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "(?P<column>[^"]+)"')
_UNGROUPED = re.compile(r'column "?(?P<column>[^" ]+)"? must appear in the GROUP BY')
_FUNCTION = re.compile(r"Function with name (?P<name>\w+) does not exist")
_CALL = re.compile(r"(?:name and argument types|function call) ['\"](?P<name>\w+)\((?P<types>.*?)\)['\"]")
_OPERATOR = re.compile(r"function call \"(?P<name>[^\w(]+)\((?P<left>\w+), (?P<right>\w+)\)\"")
_CONVERSION = re.compile(r"Could not convert string '(?P<value>.*)' to (?P<kind>\w+)")
_COMPARED = re.compile(r"Cannot compare values of type (?P<left>\S+) and (?:type )?(?P<right>\S+)")
_LITERALS = {"STRING_LITERAL": "varchar", "INTEGER_LITERAL": "integer", "INT32": "integer", "INT64": "bigint"}


def reason_of(error: duckdb.Error, query: exp.Expr | None = None) -> str:
    message = str(error).partition("\n")[0]
    tree = query if query is not None else exp.Null()
    for form, told in _FORMS:
        found = form.search(message)
        if found is not None:
            return told(found, tree)
    if "Division by zero" in message:
        return "DIVISION_BY_ZERO: Division by zero"
    if isinstance(error, (duckdb.BinderException, duckdb.ParserException)):
        return f"SYNTAX_ERROR: {_shortened(message)}"
    return f"GENERIC_USER_ERROR: {_shortened(message)}"


def _shortened(message: str) -> str:
    return message.partition("Candidate")[0].strip()


def _column(found: re.Match[str], tree: exp.Expr) -> str:
    return f"COLUMN_NOT_FOUND: {identifier_position(tree, found['column'])}: Column '{found['column']}' {NOT_RESOLVED}"


def _member(found: re.Match[str], tree: exp.Expr) -> str:
    """By the alias that the query gave the table."""
    named = (
        one for one in tree.find_all(exp.Column) if one.name.lower() == found["column"].lower() and one.table
    )
    column = next(named, None)
    shown = f"{column.table}.{column.name}" if column is not None else found["column"]
    return f"COLUMN_NOT_FOUND: {position_of(column)}: Column '{shown}' {NOT_RESOLVED}"


def _table(found: re.Match[str], tree: exp.Expr) -> str:
    named = (one for one in tree.find_all(exp.Column) if one.table.lower() == found["table"].lower())
    column = next(named, None)
    shown = f"{column.table}.{column.name}" if column is not None else found["table"]
    return f"COLUMN_NOT_FOUND: {position_of(column)}: Column '{shown}' {NOT_RESOLVED}"


def _ambiguous(found: re.Match[str], tree: exp.Expr) -> str:
    place = identifier_position(tree, found["column"])
    return f"AMBIGUOUS_NAME: {place}: Column '{found['column']}' is ambiguous"


def _ungrouped(found: re.Match[str], tree: exp.Expr) -> str:
    name = found["column"].rpartition(".")[2]
    text = f"'{name}' must be an aggregate expression or appear in GROUP BY clause"
    return f"EXPRESSION_NOT_AGGREGATE: {identifier_position(tree, name)}: {text}"


def _function(found: re.Match[str], _tree: exp.Expr) -> str:
    return f"FUNCTION_NOT_FOUND: line 1:8: Function '{found['name'].lower()}' not registered"


def _call(found: re.Match[str], _tree: exp.Expr) -> str:
    kinds = ", ".join(_kind(one) for one in found["types"].split(", "))
    return f"FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters ({kinds}) for function {found['name']}"


def _operator(found: re.Match[str], tree: exp.Expr) -> str:
    return cannot_apply(position_of(tree), _kind(found["left"]), found["name"], _kind(found["right"]))


def _compared(found: re.Match[str], tree: exp.Expr) -> str:
    return cannot_apply(position_of(tree), _kind(found["left"]), "=", _kind(found["right"]))


def cannot_apply(place: str, left: str, operator: str, right: str) -> str:
    return f"TYPE_MISMATCH: {place}: Cannot apply operator: {left} {operator} {right}"


def _conversion(found: re.Match[str], _tree: exp.Expr) -> str:
    return f"INVALID_CAST_ARGUMENT: Cannot cast '{found['value']}' to {_kind(found['kind']).upper()}"


def _kind(name: str) -> str:
    return _LITERALS.get(name, name.lower())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], exp.Expr], str]], ...] = (
    (_MISSING_COLUMN, _column),
    (_MISSING_MEMBER, _member),
    (_MISSING_TABLE, _table),
    (_AMBIGUOUS, _ambiguous),
    (_UNGROUPED, _ungrouped),
    (_FUNCTION, _function),
    (_OPERATOR, _operator),
    (_COMPARED, _compared),
    (_CALL, _call),
    (_CONVERSION, _conversion),
)
