"""DELETE, UPDATE and MERGE of Iceberg tables, and OPTIMIZE and VACUUM.

Sources: Athena User Guide, querying-iceberg-updating-iceberg-table-data; DG:lf-permissions-reference. Athena itself
writes delete files beside the old ones. Assumed: who may not read all of a table cannot change its rows.

Source: Athena User Guide, merge-into-statement.

Source: Athena User Guide, optimize-statement, vacuum-statement (how long snapshots are kept).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, sources, table_files
from mocklake.athena.catalog_calls import MissingError
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import metadata as table_metadata
from mocklake.athena.iceberg import tables
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.iceberg.metadata import Change, Metadata
from mocklake.athena.objects import Storage
from mocklake.athena.parsing import DIALECT, Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.sql_text import TableName, list_columns
from mocklake.athena.statement_reader import StatementReader, read_table_name
from mocklake.athena.table_files import ROWS, Rows, open_stored_rows
from mocklake.lakeformation.authority import insufficient

MARK, ROW = "$change", "$row"
"""Columns of the query beside the table's: what happens to a row, and which one of the table it is."""
MATCHED = "$matched"
USUAL_AGE, USUAL_KEPT = 432_000, 1


@dataclass(frozen=True)
class Target:
    name: TableName
    table: dict[str, Any]
    alias: str

    @property
    def columns(self) -> list[str]:
        return [str(column["Name"]) for column in list_columns(self.table)]

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


def delete_rows(session: Session, statement: Statement) -> Outcome:
    target = _find_named_target(session, statement.tree)
    condition = _read_condition(statement.tree)
    mark = exp.case().when(condition, exp.Literal.string("delete")).as_(MARK, quoted=True)
    columns = [target.column(name).as_(name, quoted=True) for name in target.columns]
    query = exp.select(*columns, mark, _row(target)).from_(target.numbered())
    return change_files(session, target, query, ("DELETE",))


def update_rows(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    target, condition = _find_named_target(session, tree), _read_condition(tree)
    given = _assignments(tree.expressions if tree is not None else [], target)
    columns = [
        exp.case().when(condition.copy(), given[name]).else_(target.column(name)).as_(name, quoted=True)
        if name in given
        else target.column(name).as_(name, quoted=True)
        for name in target.columns
    ]
    mark = exp.case().when(condition.copy(), exp.Literal.string("update")).as_(MARK, quoted=True)
    query = exp.select(*columns, mark, _row(target)).from_(target.numbered())
    return change_files(session, target, query, ("DELETE", "INSERT"))


def find_target(session: Session, name: TableName, alias: str = "") -> Target:
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


def rewrite_files(session: Session, target: Target) -> Outcome:
    """All rows into new files."""
    columns = [target.column(name).as_(name, quoted=True) for name in target.columns]
    mark = exp.null().as_(MARK, quoted=True)
    query = exp.select(*columns, mark, _row(target)).from_(target.numbered())
    return change_files(session, target, query, ("INSERT", "DELETE"), operation="replace")


def change_files(
    session: Session,
    target: Target,
    query: exp.Query,
    verbs: tuple[str, ...],
    *,
    operation: str = "overwrite",
) -> Outcome:
    location = target.table["StorageDescriptor"]["Location"]
    for verb in (*verbs, "ALTER"):
        place = table_files.writer(session, target.name, location, verb)
    _check_whole(session, target)
    present = iceberg_tables.load_metadata(place, target.table)
    with open_stored_rows(session, query.sql(dialect=DIALECT)) as rows:
        _check_once(rows)
        changed = _count(rows, f'"{MARK}" IS NOT NULL')
        if changed == 0 and operation == "overwrite":
            return Outcome(scanned=rows.scanned)
        kept = rows.where(f"\"{MARK}\" IS DISTINCT FROM 'delete'")
        files = tables.write_data_files(kept, present, place, {name: name for name in target.columns})
        removed = _count(rows, f"\"{MARK}\" = 'delete'")
        made = Change((), files, operation, removed)
        after = table_metadata.with_snapshot(place, present, made, session.world.now())
        iceberg_tables.commit_metadata(session, target.name, target.table, place, after)
        return Outcome(update_count=changed, scanned=rows.scanned, written=tuple(file.path for file in files))


def _find_named_target(session: Session, tree: exp.Expr | None) -> Target:
    if tree is None:
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: no table is named")
    return find_target(session, read_table_name(session, tree.this), tree.this.alias)


def _read_condition(tree: exp.Expr | None) -> exp.Expr:
    where = tree.args.get("where") if tree is not None else None
    found: exp.Expr = where.this.copy() if where is not None else exp.true()
    return found


def _assignments(pairs: list[exp.Expr], target: Target) -> dict[str, exp.Expr]:
    found = {pair.this.name.lower(): pair.expression.copy() for pair in pairs if isinstance(pair, exp.EQ)}
    unknown = next((name for name in found if name not in target.columns), None)
    if unknown is not None:
        raise QueryFailedError(f"COLUMN_NOT_FOUND: The UPDATE SET target column {unknown} doesn't exist")
    return found


def _row(target: Target) -> exp.Expr:
    return target.column(ROW).as_(ROW, quoted=True)


def _check_whole(session: Session, target: Target) -> None:
    """Rows that the caller does not see must not be lost."""
    with session.world.lock:
        source = sources.load_source(session.world, session.caller, target.name)
    if source.where is not None or source.masks or source.columns != source.stored:
        raise QueryFailedError(insufficient("Select", target.name.table).message)


def _check_once(rows: Rows) -> None:
    twice = f'SELECT 1 FROM {ROWS} WHERE "{ROW}" IS NOT NULL GROUP BY "{ROW}" HAVING count(*) > 1 LIMIT 1'  # noqa: S608
    if rows.connection.execute(twice).fetchone():
        text = "One MERGE target table row matched more than one source row"
        raise QueryFailedError(f"MERGE_TARGET_ROW_MULTIPLE_MATCHES: {text}")


def _count(rows: Rows, condition: str) -> int:
    sql = f"SELECT count(*) FROM {ROWS} WHERE {condition}"  # noqa: S608
    return int(rows.connection.execute(sql).fetchone()[0])


def merge_rows(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    if not isinstance(tree, exp.Merge):
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: cannot read MERGE")
    target = find_target(session, read_table_name(session, tree.this), tree.this.alias)
    whens = tree.args["whens"].expressions
    present = [when for when in whens if when.args.get("matched")]
    absent = [when for when in whens if not when.args.get("matched")]
    query: exp.Query = _select_present(tree, target, present)
    if absent:
        query = exp.union(query, _select_absent(tree, target, absent), distinct=False)
    verbs = {"DELETE"} if present else {"INSERT"}
    verbs |= (
        {"INSERT"} if absent or any(isinstance(one.args["then"], exp.Update) for one in present) else set()
    )
    return change_files(session, target, query, tuple(sorted(verbs)))


def _select_present(tree: exp.Merge, target: Target, whens: Sequence[exp.Expr]) -> exp.Select:
    """The target's rows, each with the first clause that fits."""
    columns = [exp.alias_(_value(target, name, whens), name, quoted=True) for name in target.columns]
    mark = exp.case()
    for when in whens:
        is_delete = not isinstance(when.args["then"], exp.Update)
        mark = mark.when(_build_fit(tree, when), exp.Literal.string("delete" if is_delete else "update"))
    shown: exp.Expr = mark if whens else exp.null()
    row = target.column(ROW).as_(ROW, quoted=True)
    query = exp.select(*_with(columns, tree, whens), shown.as_(MARK, quoted=True), row).from_(
        target.numbered()
    )
    return query.join(_source(tree), on=tree.args["on"].copy(), join_type="left")


def _with(columns: list[exp.Expr], tree: exp.Merge, whens: Sequence[exp.Expr]) -> list[exp.Expr]:
    """The conditions of clauses ask for a match as well."""
    fits = [_build_fit(tree, when) for when in whens]
    for column in columns:
        if isinstance(column.this, exp.Case):
            for place, branch in enumerate(column.this.args["ifs"]):
                branch.set("this", fits[place].copy())
    return columns


def _value(target: Target, name: str, whens: Sequence[exp.Expr]) -> exp.Expr:
    if not whens:
        return target.column(name)
    found = exp.case()
    for when in whens:
        then = when.args["then"]
        pairs = then.expressions if isinstance(then, exp.Update) else []
        given = {pair.this.name.lower(): pair.expression for pair in pairs}
        found = found.when(exp.true(), given.get(name, target.column(name)).copy())
    return found.else_(target.column(name))


def _select_absent(tree: exp.Merge, target: Target, whens: Sequence[exp.Expr]) -> exp.Select:
    """The rows of the source that no row of the target matches, by the first clause that fits."""
    inserted = [_inserted(target, when.args["then"]) for when in whens]
    conditions = [_build_when_condition(when) for when in whens]
    columns = [
        _chosen(zip(conditions, (row.get(name, exp.null()) for row in inserted), strict=True)).as_(
            name, quoted=True
        )
        for name in target.columns
    ]
    matching = exp.select("1").from_(target.numbered()).where(tree.args["on"].copy())
    query = exp.select(*columns, exp.Literal.string("insert").as_(MARK, quoted=True))
    query = query.select(exp.cast(exp.null(), "BIGINT").as_(ROW, quoted=True)).from_(_source(tree))
    return query.where(exp.not_(exp.Exists(this=matching))).where(
        exp.or_(*(condition.copy() for condition in conditions))
    )


def _chosen(pairs: Iterable[tuple[exp.Expr, exp.Expr]]) -> exp.Case:
    found = exp.case()
    for condition, value in pairs:
        found = found.when(condition.copy(), value.copy())
    return found


def _inserted(target: Target, then: exp.Expr) -> dict[str, exp.Expr]:
    values = then.expression.expressions
    names = (
        [expression.name.lower() for expression in then.this.expressions]
        if then.this is not None
        else target.columns
    )
    if len(names) != len(values):
        raise QueryFailedError(
            "SYNTAX_ERROR: line 1:1: MERGE INSERT has another number of columns than values"
        )
    return dict(zip(names, values, strict=True))


def _build_when_condition(when: exp.Expr) -> exp.Expr:
    found = when.args.get("condition")
    return found.copy() if found is not None else exp.true()


def _build_fit(tree: exp.Merge, when: exp.Expr) -> exp.Expr:
    matched = exp.column(
        exp.to_identifier(MATCHED, quoted=True),
        table=exp.to_identifier(tree.args["using"].alias_or_name, quoted=True),
    )
    return exp.and_(matched, _build_when_condition(when))


def _source(tree: exp.Merge) -> exp.Subquery:
    """With a column that is true where there is a row of it."""
    using = tree.args["using"].copy()
    inner = exp.select("*", exp.true().as_(MATCHED, quoted=True)).from_(using)
    return inner.subquery(exp.to_identifier(using.alias_or_name, quoted=True))


def optimize_table(session: Session, statement: Statement) -> Outcome:
    """All files become one for each partition; a WHERE is read over, as nothing but files change."""
    reader = StatementReader(statement.text).expect("OPTIMIZE")
    name = reader.table(session.database, session.catalog)
    reader.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    if not reader.is_at_end:
        reader.expect("WHERE").rest()
    rewrite_files(session, find_target(session, name))
    return Outcome()


def vacuum_table(session: Session, statement: Statement) -> Outcome:
    """Ends old snapshots, and deletes the files that none has any more."""
    reader = StatementReader(statement.text).expect("VACUUM")
    name = reader.table(session.database, session.catalog)
    reader.end()
    target = find_target(session, name)
    location = target.table["StorageDescriptor"]["Location"]
    for verb in ("DELETE", "ALTER"):
        place = table_files.writer(session, name, location, verb)
    present = iceberg_tables.load_metadata(place, target.table)
    kept = _kept(session, present)
    before, after = _files(place, present["snapshots"]), _files(place, kept)
    gone = [one.partition("://")[2].partition("/")[2] for one in sorted(before - after)]
    if len(kept) < len(present["snapshots"]):
        numbers = {one["snapshot-id"] for one in kept}
        log = [one for one in present["snapshot-log"] if one["snapshot-id"] in numbers]
        iceberg_tables.commit_metadata(
            session, name, target.table, place, present | {"snapshots": kept, "snapshot-log": log}
        )
        place.delete(gone)
    return Outcome()


def _kept(session: Session, present: Metadata) -> list[dict[str, Any]]:
    properties = present.get("properties", {})
    age = timedelta(seconds=int(properties.get("vacuum_max_snapshot_age_seconds", USUAL_AGE)))
    least = int(properties.get("vacuum_min_snapshots_to_keep", USUAL_KEPT))
    newest = int((session.world.now() - age).timestamp() * 1000)
    named = {ref["snapshot-id"] for ref in present.get("refs", {}).values()} | {
        present["current-snapshot-id"]
    }
    last = {snapshot["snapshot-id"] for snapshot in present["snapshots"][-least:]}
    return [
        snapshot
        for snapshot in present["snapshots"]
        if snapshot["timestamp-ms"] >= newest or snapshot["snapshot-id"] in named | last
    ]


def _files(place: Storage, snapshots: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for snapshot in snapshots:
        found.add(snapshot["manifest-list"])
        found |= {manifest.path for manifest in table_metadata.manifests_of(place, snapshot)}
        found |= {file.path for file in table_metadata.files_of(place, snapshot)}
    return found
