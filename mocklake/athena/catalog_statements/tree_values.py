"""Names and values in the trees that sqlglot makes."""

from sqlglot import exp

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import TableName
from mocklake.athena.session import Session


def table_name(session: Session, tree: exp.Expr) -> TableName:
    """Of a table, or of one with a list of columns; in lower case as Glue stores names."""
    table = tree if isinstance(tree, exp.Table) else tree.find(exp.Table)
    if table is None or not table.name:
        raise QueryFailedError("FAILED: ParseException line 1:0 no table is named")
    database = (table.db or session.database).lower()
    if not database:
        raise QueryFailedError("FAILED: SemanticException no database is named")
    return TableName(database, table.name.lower(), (table.catalog or session.catalog).lower())


def properties_of(tree: exp.Expr) -> list[exp.Expr]:
    found = tree.args.get("properties")
    return list(found.expressions) if found is not None else []


def plain_value(value: exp.Expr | str | None) -> str | list[str]:
    """A literal as text, an array of literals as texts."""
    match value:
        case exp.Array():
            return [str(plain_value(one)) for one in value.expressions]
        case exp.Boolean():
            return "true" if value.this else "false"
        case exp.Expr():
            return str(value.name or value.this)
    return str(value or "")


def key_values(tree: exp.Expr) -> dict[str, str]:
    """What TBLPROPERTIES says."""
    return {
        one.name: str(plain_value(one.args.get("value")))
        for one in properties_of(tree)
        if type(one) is exp.Property
    }
