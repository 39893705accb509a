"""Which module runs which kind of statement; kinds that are missing here are refused when they are started."""

from mocklake.athena import (
    catalog_statements,
    queries,
    row_changes,
    saved_statements,
    show_statements,
    table_changes,
    write_statements,
)
from mocklake.athena.parsing import Kind
from mocklake.athena.session import Handler

HANDLERS: dict[Kind, Handler] = {
    Kind.SELECT: queries.run_query,
    Kind.EXPLAIN: queries.explain_query,
    Kind.PREPARE: saved_statements.run_prepared,
    Kind.EXECUTE: saved_statements.run_prepared,
    Kind.DEALLOCATE: saved_statements.run_prepared,
    Kind.INSERT: write_statements.insert_rows,
    Kind.DELETE: row_changes.delete_rows,
    Kind.UPDATE: row_changes.update_rows,
    Kind.MERGE: row_changes.merge_rows,
    Kind.UNLOAD: write_statements.unload_rows,
    Kind.OPTIMIZE: row_changes.optimize_table,
    Kind.VACUUM: row_changes.vacuum_table,
    Kind.CREATE_DATABASE: catalog_statements.create_database,
    Kind.CREATE_TABLE: catalog_statements.create_table,
    Kind.CREATE_TABLE_AS_SELECT: write_statements.create_table_as,
    Kind.CREATE_VIEW: catalog_statements.create_view,
    Kind.ALTER_DATABASE: catalog_statements.alter_database,
    Kind.ALTER_TABLE: table_changes.alter_table,
    Kind.DROP_DATABASE: catalog_statements.drop_database,
    Kind.DROP_TABLE: catalog_statements.drop_table,
    Kind.DROP_VIEW: catalog_statements.drop_view,
    Kind.MSCK: table_changes.repair_table,
    Kind.SHOW_COLUMNS: show_statements.show_columns,
    Kind.SHOW_CREATE_TABLE: show_statements.show_create_table,
    Kind.SHOW_CREATE_VIEW: show_statements.show_create_view,
    Kind.SHOW_DATABASES: show_statements.show_databases,
    Kind.SHOW_PARTITIONS: show_statements.show_partitions,
    Kind.SHOW_TABLES: show_statements.show_tables,
    Kind.SHOW_TBLPROPERTIES: show_statements.show_table_properties,
    Kind.SHOW_VIEWS: show_statements.show_views,
    Kind.DESCRIBE_TABLE: show_statements.describe_table,
    Kind.DESCRIBE_VIEW: show_statements.describe_view,
}
