"""FOR TIMESTAMP AS OF and FOR VERSION AS OF: the table by a name that says which snapshot of it is read.

Source: Athena User Guide, querying-iceberg-time-travel-and-version-travel-queries.
"""

from sqlglot import exp

from mocklake.athena import engine, translation
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg.reading import AS_OF_TIME, AS_OF_VERSION


def resolve(query: exp.Expr) -> exp.Expr:
    """The query with other names in place of tables at a time or version; their aliases stay."""
    found = query.copy()
    for table in list(found.find_all(exp.Table)):
        version = table.args.get("version")
        if not isinstance(version, exp.Version):
            continue
        name = table.name
        table.set("version", None)
        table.set("this", exp.to_identifier(f"{name}${_kind(version)}", quoted=True))
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    return found


def _kind(version: exp.Version) -> str:
    value = version.expression
    if version.name == "VERSION":
        return f"{AS_OF_VERSION}{value.name}"
    return f"{AS_OF_TIME}{_milliseconds(value)}"


def _milliseconds(value: exp.Expr) -> int:
    """Evaluated without any table."""
    moment = exp.select(exp.cast(value.copy(), "TIMESTAMPTZ").as_("moment"))
    try:
        sql = f"SELECT epoch_ms(moment) AS moment FROM ({translation.to_duckdb(moment, {})})"  # noqa: S608
        shown = engine.run(sql, [], "").rows[0][0]
        return int(shown or 0)
    except (ValueError, IndexError) as error:
        raise QueryFailedError("INVALID_ARGUMENTS: line 1:1: the time cannot be read") from error
