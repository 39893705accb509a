"""CREATE, ALTER and DROP DATABASE.

Source: Athena User Guide, "DDL statements" (create-database, alter-database-set-dbproperties, drop-database).
"""

from typing import Any

from mocklake.athena import catalog_calls
from mocklake.athena.catalog_calls import HIVE_ERROR, ExistsError, MissingError
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader


def create(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("CREATE")
    reader.choice("DATABASE", "SCHEMA")
    unless_there = reader.accept("IF", "NOT", "EXISTS")
    catalog, name = _path(reader, session)
    body: dict[str, Any] = {"Name": name}
    if reader.accept("COMMENT"):
        body["Description"] = reader.text()
    if reader.accept("LOCATION"):
        body["LocationUri"] = reader.text()
    if reader.accept("WITH", "DBPROPERTIES"):
        body["Parameters"] = reader.pairs()
    reader.end()
    try:
        catalog_calls.call(session, "CreateDatabase", catalog=catalog, DatabaseInput=body)
    except ExistsError as error:
        if not unless_there:
            raise QueryFailedError(f"{HIVE_ERROR}Database {name} already exists") from error
    return Outcome()


def alter(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("ALTER")
    reader.choice("DATABASE", "SCHEMA")
    catalog, name = _path(reader, session)
    given = reader.expect("SET", "DBPROPERTIES").pairs()
    reader.end()
    found = catalog_calls.call(session, "GetDatabase", catalog=catalog, Name=name)["Database"]
    kept = ("Name", "Description", "LocationUri", "CreateTableDefaultPermissions")
    body = {one: found[one] for one in kept if one in found}
    body["Parameters"] = found.get("Parameters", {}) | given
    catalog_calls.call(session, "UpdateDatabase", catalog=catalog, Name=name, DatabaseInput=body)
    return Outcome()


def drop(session: Session, statement: Statement) -> Outcome:
    """Without CASCADE the database must have no tables that the caller sees (assumed of those unseen)."""
    reader = StatementReader(statement.text).expect("DROP")
    reader.choice("DATABASE", "SCHEMA")
    if_there = reader.accept("IF", "EXISTS")
    catalog, name = _path(reader, session)
    cascade = reader.accept("CASCADE")
    if not cascade:
        reader.accept("RESTRICT")
    reader.end()
    try:
        catalog_calls.call(session, "GetDatabase", catalog=catalog, Name=name)
    except MissingError as error:
        if if_there:
            return Outcome()
        raise QueryFailedError(
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}"
        ) from error
    if not cascade and catalog_calls.listed(
        session, "GetTables", "TableList", catalog=catalog, DatabaseName=name
    ):
        text = f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        raise QueryFailedError(HIVE_ERROR + text)
    catalog_calls.call(session, "DeleteDatabase", catalog=catalog, Name=name)
    return Outcome()


def _path(reader: StatementReader, session: Session) -> tuple[str, str]:
    parts = reader.path()
    return (parts[-2] if len(parts) > 1 else session.catalog), parts[-1]
