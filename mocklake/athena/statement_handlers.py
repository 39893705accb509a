"""Which module runs which kind of statement; kinds that are missing here are refused when they are started."""

from mocklake.athena import prepared_statements, queries, showing
from mocklake.athena.catalog_statements import databases, table_changes, tables, views
from mocklake.athena.session import Handler
from mocklake.athena.statement_kinds import Kind
from mocklake.athena.write_statements import create_table_as, insert, unload

HANDLERS: dict[Kind, Handler] = {
    Kind.SELECT: queries.run,
    Kind.EXPLAIN: queries.explain,
    Kind.PREPARE: prepared_statements.run,
    Kind.EXECUTE: prepared_statements.run,
    Kind.DEALLOCATE: prepared_statements.run,
    Kind.INSERT: insert.insert,
    Kind.UNLOAD: unload.unload,
    Kind.CREATE_DATABASE: databases.create,
    Kind.CREATE_TABLE: tables.create,
    Kind.CREATE_TABLE_AS_SELECT: create_table_as.create,
    Kind.CREATE_VIEW: views.create,
    Kind.ALTER_DATABASE: databases.alter,
    Kind.ALTER_TABLE: table_changes.alter,
    Kind.DROP_DATABASE: databases.drop,
    Kind.DROP_TABLE: tables.drop,
    Kind.DROP_VIEW: views.drop,
    Kind.MSCK: table_changes.repair,
    Kind.SHOW_DATABASES: showing.run,
    Kind.SHOW_TABLES: showing.run,
    Kind.SHOW_COLUMNS: showing.run,
    Kind.SHOW_PARTITIONS: showing.run,
    Kind.DESCRIBE_TABLE: showing.run,
}
