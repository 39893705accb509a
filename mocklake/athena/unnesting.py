"""UNNEST of maps, of arrays of rows and of several arrays, as DuckDB has it."""

from sqlglot import exp

from mocklake.athena.expression_types import ColumnTypes, type_of


def rewrite(tree: exp.Expr, types: ColumnTypes) -> None:
    for node in list(tree.find_all(exp.Unnest)):
        alias = node.args.get("alias")
        if alias is None:
            continue
        if len(node.expressions) > 1 or len(alias.args.get("columns", [])) > 1:
            node.replace(_subquery(node, alias, types))


def _subquery(node: exp.Unnest, alias: exp.Expr, types: ColumnTypes) -> exp.Expr:
    single = len(node.expressions) == 1
    selected = [_element(one, types, is_deep=single) for one in node.expressions]
    columns = list(alias.args["columns"])
    if node.args.get("offset"):
        first = node.expressions[0].copy()
        numbers = exp.func("GENERATE_SERIES", exp.Literal.number(1), exp.func("LEN", first))
        selected.append(exp.Anonymous(this="UNNEST", expressions=[numbers]))
        columns.append(node.args["offset"])
    inner = exp.select(*selected).subquery()
    inner.set("alias", exp.TableAlias(this=alias.this, columns=columns))
    return inner


def _element(node: exp.Expr, types: ColumnTypes, *, is_deep: bool) -> exp.Expr:
    if type_of(node, types).startswith("map"):
        node = exp.Anonymous(this="MAP_ENTRIES", expressions=[node.copy()])
    deep = [exp.PropertyEQ(this=exp.to_identifier("max_depth"), expression=exp.Literal.number(2))]
    return exp.Anonymous(this="UNNEST", expressions=[node.copy(), *(deep if is_deep else [])])
