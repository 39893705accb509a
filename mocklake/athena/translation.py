"""A query of Trino's dialect in DuckDB's words, with the names that Athena gives to its columns."""

from collections.abc import Mapping

from sqlglot import exp

from mocklake.athena import functions, unnesting
from mocklake.athena.expression_types import ColumnTypes, is_integer, type_of

PATH = "$path"


def to_duckdb(query: exp.Expr, types: ColumnTypes) -> str:
    """`types` are Glue's, of the columns by lower-case name. Raises QueryFailedError for an unknown function."""
    tree = query.copy()
    functions.check(tree)
    for node in list(tree.find_all(exp.Values)):
        _name_values(node)
    for select in list(tree.find_all(exp.Select)):
        _name_columns(select)
        _hide_path(select, tree)
    unnesting.rewrite(tree, types)
    functions.rewrite(tree, types)
    for division in list(tree.find_all(exp.Div)):
        _divide(division, types)
    return tree.sql("duckdb")


def mentions_path(query: exp.Expr) -> bool:
    return any(one.name == PATH for one in query.find_all(exp.Identifier))


def names_of(query: exp.Expr, given: tuple[str, ...]) -> tuple[str, ...]:
    """The columns' names: those that nobody named are counted over the whole row, stars included."""
    is_values = isinstance(query, exp.Values)
    return tuple(
        f"_col{number}" if is_values or _is_counted(name) else name for number, name in enumerate(given)
    )


def declared_types(query: exp.Expr, types: Mapping[str, str]) -> dict[int, str]:
    """varchar(n) and char(n) of plain columns and casts, by position, which DuckDB does not tell."""
    select = query.find(exp.Select) if isinstance(query, exp.Subquery) else query
    if not isinstance(select, exp.Select) or any(one.is_star for one in select.expressions):
        return {}
    found = {number: type_of(one.unalias(), types) for number, one in enumerate(select.expressions)}
    return {number: kind for number, kind in found.items() if kind.startswith(("varchar(", "char("))}


def _is_counted(name: str) -> bool:
    return name.startswith("_col") and name.removeprefix("_col").isdigit()


def _name_values(values: exp.Values) -> None:
    alias = values.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        return
    rows = values.expressions
    width = len(rows[0].expressions) if rows and isinstance(rows[0], exp.Tuple) else 1
    columns = [exp.to_identifier(f"_col{number}") for number in range(width)]
    name = alias.this if alias is not None else exp.to_identifier("_values")
    if values.find_ancestor(exp.From, exp.Join) is not None:
        values.set("alias", exp.TableAlias(this=name, columns=columns))


def _name_columns(select: exp.Select) -> None:
    if _is_compared(select):
        return
    named = [
        one if _has_name(one) else exp.alias_(one, f"_col{number}", quoted=True)
        for number, one in enumerate(select.expressions)
    ]
    select.set("expressions", named)


def _is_compared(select: exp.Select) -> bool:
    """A subquery that is a value has no names that anybody sees."""
    return isinstance(select.parent, (exp.Exists, exp.In))


def _has_name(node: exp.Expr) -> bool:
    return node.is_star or isinstance(node, (exp.Alias, exp.Aliases, exp.Column, exp.Dot))


def _hide_path(select: exp.Select, tree: exp.Expr) -> None:
    """A star does not mean the hidden column."""
    if not mentions_path(tree):
        return
    common = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    places = [select.args.get("from_"), *select.args.get("joins", [])]
    tables = [one.this for one in places if one is not None and isinstance(one.this, exp.Table)]
    stored = {one.alias_or_name.lower() for one in tables if one.db or one.name.lower() not in common}
    for node in select.expressions:
        star = node.this if isinstance(node, exp.Column) else node
        is_meant = node.table.lower() in stored if isinstance(node, exp.Column) else bool(stored)
        if isinstance(star, exp.Star) and is_meant:
            star.set("except_", [exp.to_identifier(PATH, quoted=True)])


def _divide(division: exp.Div, types: ColumnTypes) -> None:
    """Integers are divided as integers."""
    if is_integer(type_of(division.this, types)) and is_integer(type_of(division.expression, types)):
        division.replace(exp.IntDiv(this=division.this, expression=division.expression))
