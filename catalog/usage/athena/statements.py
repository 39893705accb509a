"""Which tables and columns a statement of Athena reads, and what it joins, by its text alone. Pure."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

DIALECT = "athena"
MAX_LENGTH = 262_144
"""Of a query's text in Athena; longer ones are not parsed."""
MAX_TABLES, MAX_JOINS, MAX_DEPTH = 100, 200, 20
EVERY_COLUMN = "*"
UNLOAD = "UNLOAD"


class StatementTable(NamedTuple):
    """In lower case. `catalog` is empty if the statement names none."""

    catalog: str
    database: str
    name: str


class TableColumn(NamedTuple):
    """`name` is empty if two tables are joined on no column that the text names."""

    table: StatementTable
    name: str


Join = tuple[TableColumn, TableColumn]
Columns = Mapping[StatementTable, AbstractSet[str]]
"""Columns of tables, as far as known: to tell of which table one without a qualifier is."""


@dataclass(frozen=True)
class StatementReads:
    """`is_readable` is False where the text is no query that can be parsed. `joins` are sorted pairs."""

    tables: tuple[StatementTable, ...] = ()
    columns: frozenset[TableColumn] = frozenset()
    joins: frozenset[Join] = frozenset()
    is_readable: bool = True


UNREADABLE = StatementReads(is_readable=False)


def read_statement(text: str, database: str, columns: Columns | None = None) -> StatementReads:
    """What all queries in the text read. Of statements without a query nothing is read. `database` is that of tables whose
    database the text does not name.
    """
    if len(text) > MAX_LENGTH:
        return UNREADABLE
    try:
        statements = [one for one in sqlglot.parse(_unwrap_unload(text), read=DIALECT) if one is not None]
        queries = [query for one in statements if (query := _find_query(one)) is not None]
        scopes = [scope for query in queries for scope in traverse_scope(query)]
        reader = _ScopeReader(database.lower(), columns or {})
        reads = reader.read(scopes)
    except (SqlglotError, RecursionError, ValueError, KeyError, AttributeError):
        return UNREADABLE
    has_unknown = any(isinstance(one, exp.Command) for one in statements) or not statements
    return UNREADABLE if has_unknown and not reads.tables else reads


def _unwrap_unload(text: str) -> str:
    """The query of `UNLOAD (…) TO …`, which sqlglot does not know; any other text as it is."""
    text = text.strip()
    if text[: len(UNLOAD)].upper() != UNLOAD:
        return text
    text = text[len(UNLOAD) :]
    depth, begin = 0, None
    for token in sqlglot.tokenize(text, read=DIALECT):
        if token.token_type is TokenType.L_PAREN:
            depth, begin = depth + 1, token.end if begin is None else begin
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
            if depth == 0 and begin is not None:
                return text[begin + 1 : token.start]
    return text


def _find_query(statement: exp.Expr) -> exp.Query | None:
    """The query of a SELECT, INSERT, MERGE or CREATE TABLE AS; a view reads nothing when it is made."""
    if isinstance(statement, exp.Query):
        return statement
    if isinstance(statement, exp.Create) and statement.args.get("kind") == "VIEW":
        return None
    found = statement.args.get("expression") or statement.args.get("using")
    if not isinstance(found, exp.Query):
        return None
    if common := statement.args.get("with_") or statement.args.get("with"):
        found.set("with_" if "with_" in found.arg_types else "with", common)
    return found


class _ScopeReader:
    def __init__(self, database: str, columns: Columns) -> None:
        self._database, self._columns = database, columns

    def read(self, scopes: list[Scope]) -> StatementReads:
        tables: dict[StatementTable, None] = {}
        columns: set[TableColumn] = set()
        joins: set[Join] = set()
        for scope in scopes:
            own = list(self._list_own_tables(scope))
            tables |= dict.fromkeys(own)
            columns.update(self._list_columns(scope))
            keyed = set(self._list_keys(scope))
            joined = {frozenset((one.table, two.table)) for one, two in keyed}
            loose = (pair for pair in combinations(dict.fromkeys(own), 2) if frozenset(pair) not in joined)
            joins |= keyed | {_sort(TableColumn(one, ""), TableColumn(two, "")) for one, two in loose}
        return StatementReads(
            tuple(tables)[:MAX_TABLES], frozenset(columns), frozenset(sorted(joins)[:MAX_JOINS])
        )

    def _list_columns(self, scope: Scope) -> Iterator[TableColumn]:
        for column in scope.columns:
            if found := self._resolve(column, scope):
                yield found
        for star in scope.find_all(exp.Star):
            if isinstance(star.parent, exp.Count):
                continue
            qualifier = star.parent.table if isinstance(star.parent, exp.Column) else ""
            for alias, source in scope.sources.items():
                if isinstance(source, exp.Table) and qualifier in {"", alias}:
                    yield TableColumn(self._name_table(source), EVERY_COLUMN)

    def _list_keys(self, scope: Scope) -> Iterator[Join]:
        """Columns of two tables that must be equal."""
        for equation in scope.find_all(exp.EQ):
            if isinstance(equation.left, exp.Column) and isinstance(equation.right, exp.Column):
                yield from self._pair(
                    self._resolve(equation.left, scope), self._resolve(equation.right, scope)
                )
        for join in scope.find_all(exp.Join):
            for column in join.args.get("using") or ():
                name = column.name.lower()
                last = self._look_into(scope.sources.get(join.alias_or_name), name)
                earlier = [one for alias, one in scope.sources.items() if alias != join.alias_or_name]
                for source in earlier[:1]:
                    yield from self._pair(self._look_into(source, name), last)

    def _pair(self, one: TableColumn | None, two: TableColumn | None) -> Iterator[Join]:
        if one and two and one.table != two.table:
            yield _sort(one, two)

    def _resolve(self, column: exp.Column, scope: Scope, depth: int = 0) -> TableColumn | None:
        """The table's column behind it, through subqueries and common table expressions."""
        if isinstance(column.this, exp.Star) or depth > MAX_DEPTH:
            return None
        name = column.name.lower()
        if column.table:
            return self._look_into(scope.sources.get(column.table), name, depth)
        found = {
            one for one in (self._look_into(source, name, depth) for source in scope.sources.values()) if one
        }
        sure = {one for one in found if name in self._columns.get(one.table, ())}
        chosen = sure or found
        return next(iter(chosen)) if len(chosen) == 1 else None

    def _look_into(self, source: exp.Table | Scope | None, name: str, depth: int = 0) -> TableColumn | None:
        if isinstance(source, exp.Table):
            table = self._name_table(source)
            known = self._columns.get(table)
            return TableColumn(table, name) if not known or name in known else None
        if not isinstance(source, Scope) or not isinstance(source.expression, exp.Query):
            return None
        for select in source.expression.selects:
            if select.alias_or_name.lower() == name:
                inner = select.unalias()
                return self._resolve(inner, source, depth + 1) if isinstance(inner, exp.Column) else None
        tables = [one for one in source.sources.values() if isinstance(one, exp.Table)]
        passes_all = any(select.is_star for select in source.expression.selects)
        return self._look_into(tables[0], name, depth + 1) if passes_all and len(tables) == 1 else None

    def _list_own_tables(self, scope: Scope) -> Iterator[StatementTable]:
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name:
                yield self._name_table(source)

    def _name_table(self, table: exp.Table) -> StatementTable:
        return StatementTable(table.catalog.lower(), table.db.lower() or self._database, table.name.lower())


def _sort(one: TableColumn, two: TableColumn) -> Join:
    return (one, two) if one <= two else (two, one)
