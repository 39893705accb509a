"""The AWS Glue Data Catalog: databases, tables and resource links, seen through Lake Formation."""

from collections.abc import Callable
from typing import Any

from awsim.callers import Caller
from awsim.glue import databases, partition_batches, partition_indexes, partitions, tables
from awsim.glue.links import Target, resolve
from awsim.glue.store import Store, new_store
from awsim.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "CreateDatabase": databases.create_database,
    "CreateTable": tables.create_table,
    "DeleteDatabase": databases.delete_database,
    "DeleteTable": tables.delete_table,
    "GetDatabase": databases.get_database,
    "GetDatabases": databases.get_databases,
    "GetTable": tables.get_table,
    "GetTableVersions": tables.get_table_versions,
    "GetTables": tables.get_tables,
    "UpdateDatabase": databases.update_database,
    "UpdateTable": tables.update_table,
    **partitions.HANDLERS,
    **partition_batches.HANDLERS,
    **partition_indexes.HANDLERS,
}

__all__ = ["HANDLERS", "Store", "Target", "new_store", "resolve"]
