"""Hive's column types in the trees that sqlglot makes."""

from typing import Any

from sqlglot import exp

from mocklake.athena.failures import QueryFailedError

_NAMES = {
    "TEXT": "string", "VARCHAR": "varchar", "CHAR": "char", "INT": "int", "BIGINT": "bigint", "SMALLINT": "smallint",
    "TINYINT": "tinyint", "BOOLEAN": "boolean", "DOUBLE": "double", "FLOAT": "float", "DECIMAL": "decimal",
    "DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMPTZ": "timestamp", "BINARY": "binary", "VARBINARY": "binary",
}  # fmt: skip


def columns_of(tree: exp.Expr | None) -> list[dict[str, Any]]:
    """Glue's columns of a list of definitions."""
    definitions = tree.expressions if tree is not None else []
    return [_column(one) for one in definitions if isinstance(one, exp.ColumnDef)]


def hive_type(kind: exp.Expr | None) -> str:
    """As Glue keeps it: lower case and without blanks."""
    if not isinstance(kind, exp.DataType):
        raise QueryFailedError("FAILED: ParseException line 1:0 a column has no type")
    inner = kind.expressions
    match kind.this.value:
        case "ARRAY":
            return f"array<{hive_type(inner[0])}>"
        case "MAP":
            return f"map<{hive_type(inner[0])},{hive_type(inner[1])}>"
        case "STRUCT":
            members = (f"{one.name.lower()}:{hive_type(one.args.get('kind'))}" for one in inner)
            return f"struct<{','.join(members)}>"
    name = _NAMES.get(kind.this.value)
    if name is None:
        raise QueryFailedError(f"FAILED: SemanticException unknown column type {kind.sql()}")
    return f"{name}({','.join(one.name for one in inner)})" if inner else name


def _column(definition: exp.ColumnDef) -> dict[str, Any]:
    column = {"Name": definition.name.lower(), "Type": hive_type(definition.args.get("kind"))}
    for one in definition.args.get("constraints") or ():
        if isinstance(one.args.get("kind"), exp.CommentColumnConstraint):
            column["Comment"] = one.args["kind"].name
    return column
