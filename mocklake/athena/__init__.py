"""Athena, thin: one SELECT over the columns that Lake Formation grants, run by DuckDB on the Parquet objects.

A refused query is accepted and then FAILED with the reason, as AWS does; only missing workgroup rights
are refused at the call.
"""

from collections.abc import Callable
from typing import Any

from mocklake.athena import executions, metadata, workgroups
from mocklake.athena.store import new_store
from mocklake.iam.callers import Caller
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "BatchGetQueryExecution": executions.batch_get_query_execution,
    "CreateWorkGroup": workgroups.create_work_group,
    "DeleteWorkGroup": workgroups.delete_work_group,
    "GetDataCatalog": metadata.get_data_catalog,
    "GetDatabase": metadata.get_database,
    "GetQueryExecution": executions.get_query_execution,
    "GetQueryResults": executions.get_query_results,
    "GetTableMetadata": metadata.get_table_metadata,
    "GetWorkGroup": workgroups.get_work_group,
    "ListDataCatalogs": metadata.list_data_catalogs,
    "ListDatabases": metadata.list_databases,
    "ListQueryExecutions": executions.list_query_executions,
    "ListTableMetadata": metadata.list_table_metadata,
    "ListWorkGroups": workgroups.list_work_groups,
    "StartQueryExecution": executions.start_query_execution,
    "StopQueryExecution": executions.stop_query_execution,
    "UpdateWorkGroup": workgroups.update_work_group,
}

__all__ = ["HANDLERS", "new_store"]
