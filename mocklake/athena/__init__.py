"""Athena: statements in Athena's dialect, run by DuckDB over what Lake Formation grants.

A refused query is accepted and then FAILED with the reason, as AWS does; missing workgroup rights and wrong syntax
are refused at the call.
"""

from collections.abc import Callable
from typing import Any

from mocklake.athena import executions, metadata, saved_statements, workgroups
from mocklake.athena.store import new_store
from mocklake.iam.callers import Caller
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "BatchGetNamedQuery": saved_statements.batch_get_named_query,
    "BatchGetPreparedStatement": saved_statements.batch_get_prepared_statement,
    "BatchGetQueryExecution": executions.batch_get_query_execution,
    "CreateNamedQuery": saved_statements.create_named_query,
    "CreatePreparedStatement": saved_statements.create_prepared_statement,
    "CreateWorkGroup": workgroups.create_work_group,
    "DeleteNamedQuery": saved_statements.delete_named_query,
    "DeletePreparedStatement": saved_statements.delete_prepared_statement,
    "DeleteWorkGroup": workgroups.delete_work_group,
    "GetDataCatalog": metadata.get_data_catalog,
    "GetDatabase": metadata.get_database,
    "GetNamedQuery": saved_statements.get_named_query,
    "GetPreparedStatement": saved_statements.get_prepared_statement,
    "GetQueryExecution": executions.get_query_execution,
    "GetQueryResults": executions.get_query_results,
    "GetQueryRuntimeStatistics": executions.get_query_runtime_statistics,
    "GetTableMetadata": metadata.get_table_metadata,
    "GetWorkGroup": workgroups.get_work_group,
    "ListDataCatalogs": metadata.list_data_catalogs,
    "ListDatabases": metadata.list_databases,
    "ListEngineVersions": workgroups.list_engine_versions,
    "ListNamedQueries": saved_statements.list_named_queries,
    "ListPreparedStatements": saved_statements.list_prepared_statements,
    "ListQueryExecutions": executions.list_query_executions,
    "ListTableMetadata": metadata.list_table_metadata,
    "ListTagsForResource": workgroups.list_tags_for_resource,
    "ListWorkGroups": workgroups.list_work_groups,
    "StartQueryExecution": executions.start_query_execution,
    "StopQueryExecution": executions.stop_query_execution,
    "TagResource": workgroups.tag_resource,
    "UntagResource": workgroups.untag_resource,
    "UpdateNamedQuery": saved_statements.update_named_query,
    "UpdatePreparedStatement": saved_statements.update_prepared_statement,
    "UpdateWorkGroup": workgroups.update_work_group,
}

__all__ = ["HANDLERS", "new_store"]
