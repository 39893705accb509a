"""Athena: statements in Athena's dialect, run by DuckDB over what Lake Formation grants.

A refused query is accepted and then FAILED with the reason, as AWS does; missing workgroup rights and wrong syntax
are refused at the call.
"""

from collections.abc import Callable
from typing import Any

from mocklake.athena import (
    executions,
    metadata,
    named_queries,
    prepared_statements,
    query_results,
    tags,
    workgroups,
)
from mocklake.athena.store import new_store
from mocklake.iam.callers import Caller
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "BatchGetNamedQuery": named_queries.batch_get_named_query,
    "BatchGetPreparedStatement": prepared_statements.batch_get_prepared_statement,
    "BatchGetQueryExecution": executions.batch_get_query_execution,
    "CreateNamedQuery": named_queries.create_named_query,
    "CreatePreparedStatement": prepared_statements.create_prepared_statement,
    "CreateWorkGroup": workgroups.create_work_group,
    "DeleteNamedQuery": named_queries.delete_named_query,
    "DeletePreparedStatement": prepared_statements.delete_prepared_statement,
    "DeleteWorkGroup": workgroups.delete_work_group,
    "GetDataCatalog": metadata.get_data_catalog,
    "GetDatabase": metadata.get_database,
    "GetNamedQuery": named_queries.get_named_query,
    "GetPreparedStatement": prepared_statements.get_prepared_statement,
    "GetQueryExecution": executions.get_query_execution,
    "GetQueryResults": query_results.get_query_results,
    "GetQueryRuntimeStatistics": query_results.get_query_runtime_statistics,
    "GetTableMetadata": metadata.get_table_metadata,
    "GetWorkGroup": workgroups.get_work_group,
    "ListDataCatalogs": metadata.list_data_catalogs,
    "ListDatabases": metadata.list_databases,
    "ListEngineVersions": workgroups.list_engine_versions,
    "ListNamedQueries": named_queries.list_named_queries,
    "ListPreparedStatements": prepared_statements.list_prepared_statements,
    "ListQueryExecutions": executions.list_query_executions,
    "ListTableMetadata": metadata.list_table_metadata,
    "ListTagsForResource": tags.list_tags_for_resource,
    "ListWorkGroups": workgroups.list_work_groups,
    "StartQueryExecution": executions.start_query_execution,
    "StopQueryExecution": executions.stop_query_execution,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateNamedQuery": named_queries.update_named_query,
    "UpdatePreparedStatement": prepared_statements.update_prepared_statement,
    "UpdateWorkGroup": workgroups.update_work_group,
}

__all__ = ["HANDLERS", "new_store"]
