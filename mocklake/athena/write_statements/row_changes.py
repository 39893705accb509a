"""DELETE, UPDATE and MERGE of Iceberg tables: the files are written anew without what is gone.

Sources: Athena User Guide, querying-iceberg-updating-iceberg-table-data; DG:lf-permissions-reference. Athena itself
writes delete files beside the old ones. Assumed: who may not read all of a table cannot change its rows.
"""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, sources
from mocklake.athena.catalog_calls import MissingError
from mocklake.athena.catalog_statements.tree_values import table_name
from mocklake.athena.columns import all_columns
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import data_files
from mocklake.athena.iceberg import metadata as table_metadata
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.iceberg.metadata import Change
from mocklake.athena.names import TableName
from mocklake.athena.parsing import DIALECT, Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.write_statements import storage
from mocklake.athena.write_statements.query_rows import ROWS, Rows, stored_rows
from mocklake.lakeformation.authority import insufficient

MARK, ROW = "$change", "$row"
"""Columns of the query beside the table's: what happens to a row, and which one of the table it is."""


@dataclass(frozen=True)
class Target:
    name: TableName
    table: dict[str, Any]
    alias: str

    @property
    def columns(self) -> list[str]:
        return [str(one["Name"]) for one in all_columns(self.table)]

    def column(self, name: str) -> exp.Column:
        return exp.column(
            exp.to_identifier(name, quoted=True), table=exp.to_identifier(self.alias, quoted=True)
        )

    def numbered(self) -> exp.Subquery:
        """All rows with their numbers."""
        place = exp.Table(
            this=exp.to_identifier(self.name.table, quoted=True),
            db=exp.to_identifier(self.name.database, quoted=True),
        )
        number = exp.Window(this=exp.RowNumber()).as_(ROW, quoted=True)
        return exp.select("*", number).from_(place).subquery(exp.to_identifier(self.alias, quoted=True))


def delete(session: Session, statement: Statement) -> Outcome:
    target = _target(session, statement.tree)
    condition = _condition(statement.tree)
    mark = exp.case().when(condition, exp.Literal.string("delete")).as_(MARK, quoted=True)
    columns = [target.column(name).as_(name, quoted=True) for name in target.columns]
    query = exp.select(*columns, mark, _row(target)).from_(target.numbered())
    return change(session, target, query, ("DELETE",))


def update(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    target, condition = _target(session, tree), _condition(tree)
    given = _assignments(tree.expressions if tree is not None else [], target)
    columns = [
        exp.case().when(condition.copy(), given[name]).else_(target.column(name)).as_(name, quoted=True)
        if name in given
        else target.column(name).as_(name, quoted=True)
        for name in target.columns
    ]
    mark = exp.case().when(condition.copy(), exp.Literal.string("update")).as_(MARK, quoted=True)
    query = exp.select(*columns, mark, _row(target)).from_(target.numbered())
    return change(session, target, query, ("DELETE", "INSERT"))


def target_of(session: Session, name: TableName, alias: str = "") -> Target:
    """Raises QueryFailedError for a table that is not there or whose rows do not change."""
    try:
        table = catalog_calls.table_of(session, name)
    except MissingError as error:
        place = f"{name.catalog}.{name.database}.{name.table}"
        raise QueryFailedError(f"TABLE_NOT_FOUND: line 1:1: Table '{place}' does not exist") from error
    if not iceberg_tables.is_iceberg(table):
        raise QueryFailedError(
            "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables"
        )
    return Target(name, table, alias or name.table)


def rewrite(session: Session, target: Target) -> Outcome:
    """All rows into new files."""
    columns = [target.column(name).as_(name, quoted=True) for name in target.columns]
    mark = exp.null().as_(MARK, quoted=True)
    query = exp.select(*columns, mark, _row(target)).from_(target.numbered())
    return change(session, target, query, ("INSERT", "DELETE"), operation="replace")


def change(
    session: Session,
    target: Target,
    query: exp.Query,
    verbs: tuple[str, ...],
    *,
    operation: str = "overwrite",
) -> Outcome:
    location = target.table["StorageDescriptor"]["Location"]
    for verb in (*verbs, "ALTER"):
        place = storage.writer(session, target.name, location, verb)
    _check_whole(session, target)
    present = iceberg_tables.load(place, target.table)
    with stored_rows(session, query.sql(dialect=DIALECT)) as rows:
        _check_once(rows)
        changed = _count(rows, f'"{MARK}" IS NOT NULL')
        if changed == 0 and operation == "overwrite":
            return Outcome(scanned=rows.scanned)
        kept = rows.where(f"\"{MARK}\" IS DISTINCT FROM 'delete'")
        files = data_files.write(kept, present, place, {name: name for name in target.columns})
        removed = _count(rows, f"\"{MARK}\" = 'delete'")
        made = Change((), files, operation, removed)
        after = table_metadata.with_snapshot(place, present, made, session.world.now())
        iceberg_tables.commit(session, target.name, target.table, place, after)
        return Outcome(update_count=changed, scanned=rows.scanned, written=tuple(one.path for one in files))


def _target(session: Session, tree: exp.Expr | None) -> Target:
    if tree is None:
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: no table is named")
    return target_of(session, table_name(session, tree.this), tree.this.alias)


def _condition(tree: exp.Expr | None) -> exp.Expr:
    where = tree.args.get("where") if tree is not None else None
    found: exp.Expr = where.this.copy() if where is not None else exp.true()
    return found


def _assignments(pairs: list[exp.Expr], target: Target) -> dict[str, exp.Expr]:
    found = {one.this.name.lower(): one.expression.copy() for one in pairs if isinstance(one, exp.EQ)}
    unknown = next((name for name in found if name not in target.columns), None)
    if unknown is not None:
        raise QueryFailedError(f"COLUMN_NOT_FOUND: The UPDATE SET target column {unknown} doesn't exist")
    return found


def _row(target: Target) -> exp.Expr:
    return target.column(ROW).as_(ROW, quoted=True)


def _check_whole(session: Session, target: Target) -> None:
    """Rows that the caller does not see must not be lost."""
    with session.world.lock:
        seen = sources.load(session.world, session.caller, target.name)
    if seen.where is not None or seen.masks or seen.columns != seen.stored:
        raise QueryFailedError(insufficient("Select", target.name.table).message)


def _check_once(rows: Rows) -> None:
    twice = f'SELECT 1 FROM {ROWS} WHERE "{ROW}" IS NOT NULL GROUP BY "{ROW}" HAVING count(*) > 1 LIMIT 1'  # noqa: S608
    if rows.connection.execute(twice).fetchone():
        text = "One MERGE target table row matched more than one source row"
        raise QueryFailedError(f"MERGE_TARGET_ROW_MULTIPLE_MATCHES: {text}")


def _count(rows: Rows, condition: str) -> int:
    sql = f"SELECT count(*) FROM {ROWS} WHERE {condition}"  # noqa: S608
    return int(rows.connection.execute(sql).fetchone()[0])
