"""Which module runs which kind of statement; kinds that are missing here are refused when they are started."""

from mocklake.athena import prepared_statements, queries, showing
from mocklake.athena.session import Handler
from mocklake.athena.statement_kinds import Kind

HANDLERS: dict[Kind, Handler] = {
    Kind.SELECT: queries.run,
    Kind.PREPARE: prepared_statements.run,
    Kind.EXECUTE: prepared_statements.run,
    Kind.DEALLOCATE: prepared_statements.run,
    Kind.SHOW_DATABASES: showing.run,
    Kind.SHOW_TABLES: showing.run,
    Kind.SHOW_COLUMNS: showing.run,
    Kind.SHOW_PARTITIONS: showing.run,
    Kind.DESCRIBE_TABLE: showing.run,
}
