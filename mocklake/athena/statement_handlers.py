"""Which module runs which kind of statement; kinds that are missing here are refused when they are started."""

from mocklake.athena import prepared_statements, queries
from mocklake.athena.catalog_statements import databases, table_changes, tables, views
from mocklake.athena.session import Handler
from mocklake.athena.show_statements import create_texts, descriptions, listings
from mocklake.athena.statement_kinds import Kind
from mocklake.athena.write_statements import create_table_as, insert, maintenance, merge, row_changes, unload

HANDLERS: dict[Kind, Handler] = {
    Kind.SELECT: queries.run,
    Kind.EXPLAIN: queries.explain,
    Kind.PREPARE: prepared_statements.run,
    Kind.EXECUTE: prepared_statements.run,
    Kind.DEALLOCATE: prepared_statements.run,
    Kind.INSERT: insert.insert,
    Kind.DELETE: row_changes.delete,
    Kind.UPDATE: row_changes.update,
    Kind.MERGE: merge.merge,
    Kind.UNLOAD: unload.unload,
    Kind.OPTIMIZE: maintenance.optimize,
    Kind.VACUUM: maintenance.vacuum,
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
    Kind.SHOW_COLUMNS: listings.columns,
    Kind.SHOW_CREATE_TABLE: create_texts.table,
    Kind.SHOW_CREATE_VIEW: create_texts.view,
    Kind.SHOW_DATABASES: listings.databases,
    Kind.SHOW_PARTITIONS: listings.partitions,
    Kind.SHOW_TABLES: listings.tables,
    Kind.SHOW_TBLPROPERTIES: listings.table_properties,
    Kind.SHOW_VIEWS: listings.views,
    Kind.DESCRIBE_TABLE: descriptions.table,
    Kind.DESCRIBE_VIEW: descriptions.view,
}
