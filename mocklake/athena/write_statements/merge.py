"""MERGE INTO: one query of what becomes of the target's rows and of those that are new.

Source: Athena User Guide, merge-into-statement.
"""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from mocklake.athena.catalog_statements.tree_values import table_name
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.write_statements import row_changes
from mocklake.athena.write_statements.row_changes import MARK, ROW, Target

MATCHED = "$matched"


def merge(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    if not isinstance(tree, exp.Merge):
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: cannot read MERGE")
    target = row_changes.target_of(session, table_name(session, tree.this), tree.this.alias)
    whens = tree.args["whens"].expressions
    present = [one for one in whens if one.args.get("matched")]
    absent = [one for one in whens if not one.args.get("matched")]
    query: exp.Query = _present(tree, target, present)
    if absent:
        query = exp.union(query, _absent(tree, target, absent), distinct=False)
    verbs = {"DELETE"} if present else {"INSERT"}
    verbs |= (
        {"INSERT"} if absent or any(isinstance(one.args["then"], exp.Update) for one in present) else set()
    )
    return row_changes.change(session, target, query, tuple(sorted(verbs)))


def _present(tree: exp.Merge, target: Target, whens: Sequence[exp.Expr]) -> exp.Select:
    """The target's rows, each with the first clause that fits."""
    columns = [exp.alias_(_value(target, name, whens), name, quoted=True) for name in target.columns]
    mark = exp.case()
    for one in whens:
        is_delete = not isinstance(one.args["then"], exp.Update)
        mark = mark.when(_fits(tree, one), exp.Literal.string("delete" if is_delete else "update"))
    shown: exp.Expr = mark if whens else exp.null()
    row = target.column(ROW).as_(ROW, quoted=True)
    query = exp.select(*_with(columns, tree, whens), shown.as_(MARK, quoted=True), row).from_(
        target.numbered()
    )
    return query.join(_source(tree), on=tree.args["on"].copy(), join_type="left")


def _with(columns: list[exp.Expr], tree: exp.Merge, whens: Sequence[exp.Expr]) -> list[exp.Expr]:
    """The conditions of clauses ask for a match as well."""
    fits = [_fits(tree, one) for one in whens]
    for column in columns:
        if isinstance(column.this, exp.Case):
            for place, branch in enumerate(column.this.args["ifs"]):
                branch.set("this", fits[place].copy())
    return columns


def _value(target: Target, name: str, whens: Sequence[exp.Expr]) -> exp.Expr:
    if not whens:
        return target.column(name)
    found = exp.case()
    for one in whens:
        then = one.args["then"]
        pairs = then.expressions if isinstance(then, exp.Update) else []
        given = {pair.this.name.lower(): pair.expression for pair in pairs}
        found = found.when(exp.true(), given.get(name, target.column(name)).copy())
    return found.else_(target.column(name))


def _absent(tree: exp.Merge, target: Target, whens: Sequence[exp.Expr]) -> exp.Select:
    """The rows of the source that no row of the target matches, by the first clause that fits."""
    inserted = [_inserted(target, one.args["then"]) for one in whens]
    conditions = [_condition(one) for one in whens]
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
        exp.or_(*(one.copy() for one in conditions))
    )


def _chosen(pairs: Iterable[tuple[exp.Expr, exp.Expr]]) -> exp.Case:
    found = exp.case()
    for condition, value in pairs:
        found = found.when(condition.copy(), value.copy())
    return found


def _inserted(target: Target, then: exp.Expr) -> dict[str, exp.Expr]:
    values = then.expression.expressions
    names = [one.name.lower() for one in then.this.expressions] if then.this is not None else target.columns
    if len(names) != len(values):
        raise QueryFailedError(
            "SYNTAX_ERROR: line 1:1: MERGE INSERT has another number of columns than values"
        )
    return dict(zip(names, values, strict=True))


def _condition(when: exp.Expr) -> exp.Expr:
    found = when.args.get("condition")
    return found.copy() if found is not None else exp.true()


def _fits(tree: exp.Merge, when: exp.Expr) -> exp.Expr:
    matched = exp.column(
        exp.to_identifier(MATCHED, quoted=True),
        table=exp.to_identifier(tree.args["using"].alias_or_name, quoted=True),
    )
    return exp.and_(matched, _condition(when))


def _source(tree: exp.Merge) -> exp.Subquery:
    """With a column that is true where there is a row of it."""
    using = tree.args["using"].copy()
    inner = exp.select("*", exp.true().as_(MATCHED, quoted=True)).from_(using)
    return inner.subquery(exp.to_identifier(using.alias_or_name, quoted=True))
