"""AWS Lake Formation: permissions, settings, locations and LF-Tags, with effect across accounts."""

from collections.abc import Callable
from typing import Any

from mocklake.iam.callers import Caller
from mocklake.lakeformation import (
    data_cells_filters,
    grants,
    identity_center,
    listing,
    locations,
    opt_ins,
    path_permissions,
    settings,
    tag_assignments,
    tag_expressions,
    tag_search,
    tags,
    temporary_credentials,
)
from mocklake.lakeformation.store import Store, new_store
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "AddLFTagsToResource": tag_assignments.add_lf_tags_to_resource,
    "BatchGrantPermissions": grants.batch_grant_permissions,
    "BatchRevokePermissions": grants.batch_revoke_permissions,
    "CreateDataCellsFilter": data_cells_filters.create_data_cells_filter,
    "CreateLFTag": tags.create_lf_tag,
    "CreateLFTagExpression": tag_expressions.create_lf_tag_expression,
    "CreateLakeFormationIdentityCenterConfiguration": identity_center.create_configuration,
    "CreateLakeFormationOptIn": opt_ins.create_lake_formation_opt_in,
    "DeleteDataCellsFilter": data_cells_filters.delete_data_cells_filter,
    "DeleteLFTag": tags.delete_lf_tag,
    "DeleteLFTagExpression": tag_expressions.delete_lf_tag_expression,
    "DeleteLakeFormationIdentityCenterConfiguration": identity_center.delete_configuration,
    "DeleteLakeFormationOptIn": opt_ins.delete_lake_formation_opt_in,
    "DeregisterResource": locations.deregister_resource,
    "DescribeLakeFormationIdentityCenterConfiguration": identity_center.describe_configuration,
    "DescribeResource": locations.describe_resource,
    "GetDataCellsFilter": data_cells_filters.get_data_cells_filter,
    "GetDataLakePrincipal": settings.get_data_lake_principal,
    "GetDataLakeSettings": settings.get_data_lake_settings,
    "GetEffectivePermissionsForPath": path_permissions.get_effective_permissions_for_path,
    "GetLFTag": tags.get_lf_tag,
    "GetLFTagExpression": tag_expressions.get_lf_tag_expression,
    "GetResourceLFTags": tag_assignments.get_resource_lf_tags,
    "GetTemporaryGluePartitionCredentials": temporary_credentials.get_temporary_glue_partition_credentials,
    "GetTemporaryGlueTableCredentials": temporary_credentials.get_temporary_glue_table_credentials,
    "GrantPermissions": grants.grant_permissions,
    "ListDataCellsFilter": data_cells_filters.list_data_cells_filter,
    "ListLFTagExpressions": tag_expressions.list_lf_tag_expressions,
    "ListLFTags": tags.list_lf_tags,
    "ListLakeFormationOptIns": opt_ins.list_lake_formation_opt_ins,
    "ListPermissions": listing.list_permissions,
    "ListResources": locations.list_resources,
    "PutDataLakeSettings": settings.put_data_lake_settings,
    "RegisterResource": locations.register_resource,
    "RemoveLFTagsFromResource": tag_assignments.remove_lf_tags_from_resource,
    "RevokePermissions": grants.revoke_permissions,
    "SearchDatabasesByLFTags": tag_search.search_databases_by_lf_tags,
    "SearchTablesByLFTags": tag_search.search_tables_by_lf_tags,
    "UpdateDataCellsFilter": data_cells_filters.update_data_cells_filter,
    "UpdateLFTag": tags.update_lf_tag,
    "UpdateLFTagExpression": tag_expressions.update_lf_tag_expression,
    "UpdateLakeFormationIdentityCenterConfiguration": identity_center.update_configuration,
    "UpdateResource": locations.update_resource,
}

__all__ = ["HANDLERS", "Store", "new_store"]
