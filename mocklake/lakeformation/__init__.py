"""AWS Lake Formation: permissions, settings, locations and LF-Tags, with effect across accounts."""

from collections.abc import Callable
from typing import Any

from mocklake.iam.callers import Caller
from mocklake.lakeformation import (
    data_cells_filters,
    grants,
    listing,
    locations,
    opt_ins,
    rls_policies,
    settings,
    tag_assignments,
    tags,
    temporary_credentials,
)
from mocklake.lakeformation.store import Store, new_store
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "AddLFTagsToResource": tag_assignments.add_lf_tags_to_resource,
    "AttachRLSPolicy": rls_policies.attach_rls_policy,
    "BatchGrantPermissions": grants.batch_grant_permissions,
    "BatchRevokePermissions": grants.batch_revoke_permissions,
    "CreateDataCellsFilter": data_cells_filters.create_data_cells_filter,
    "CreateLFTag": tags.create_lf_tag,
    "CreateLFTagExpression": tags.create_lf_tag_expression,
    "CreateLakeFormationIdentityCenterConfiguration": settings.create_configuration,
    "CreateLakeFormationOptIn": opt_ins.create_lake_formation_opt_in,
    "CreateRLSPolicy": rls_policies.create_rls_policy,
    "DeleteDataCellsFilter": data_cells_filters.delete_data_cells_filter,
    "DeleteLFTag": tags.delete_lf_tag,
    "DeleteLFTagExpression": tags.delete_lf_tag_expression,
    "DeleteLakeFormationIdentityCenterConfiguration": settings.delete_configuration,
    "DeleteLakeFormationOptIn": opt_ins.delete_lake_formation_opt_in,
    "DeleteRLSPolicy": rls_policies.delete_rls_policy,
    "DeregisterResource": locations.deregister_resource,
    "DescribeLakeFormationIdentityCenterConfiguration": settings.describe_configuration,
    "DescribeResource": locations.describe_resource,
    "DetachRLSPolicy": rls_policies.detach_rls_policy,
    "GetDataCellsFilter": data_cells_filters.get_data_cells_filter,
    "GetDataLakePrincipal": settings.get_data_lake_principal,
    "GetDataLakeSettings": settings.get_data_lake_settings,
    "GetEffectivePermissionsForPath": listing.get_effective_permissions_for_path,
    "GetLFTag": tags.get_lf_tag,
    "GetLFTagExpression": tags.get_lf_tag_expression,
    "GetRLSPolicy": rls_policies.get_rls_policy,
    "GetResourceLFTags": tag_assignments.get_resource_lf_tags,
    "GetTemporaryGluePartitionCredentials": temporary_credentials.get_temporary_glue_partition_credentials,
    "GetTemporaryGlueTableCredentials": temporary_credentials.get_temporary_glue_table_credentials,
    "GrantPermissions": grants.grant_permissions,
    "ListDataCellsFilter": data_cells_filters.list_data_cells_filter,
    "ListLFTagExpressions": tags.list_lf_tag_expressions,
    "ListLFTags": tags.list_lf_tags,
    "ListLakeFormationOptIns": opt_ins.list_lake_formation_opt_ins,
    "ListPermissions": listing.list_permissions,
    "ListRLSPolicies": rls_policies.list_rls_policies,
    "ListRLSPolicyAttachments": rls_policies.list_rls_policy_attachments,
    "ListResources": locations.list_resources,
    "PutDataLakeSettings": settings.put_data_lake_settings,
    "RegisterResource": locations.register_resource,
    "RemoveLFTagsFromResource": tag_assignments.remove_lf_tags_from_resource,
    "RevokePermissions": grants.revoke_permissions,
    "SearchDatabasesByLFTags": tag_assignments.search_databases_by_lf_tags,
    "SearchTablesByLFTags": tag_assignments.search_tables_by_lf_tags,
    "UpdateDataCellsFilter": data_cells_filters.update_data_cells_filter,
    "UpdateLFTag": tags.update_lf_tag,
    "UpdateLFTagExpression": tags.update_lf_tag_expression,
    "UpdateLakeFormationIdentityCenterConfiguration": settings.update_configuration,
    "UpdateRLSPolicy": rls_policies.update_rls_policy,
    "UpdateResource": locations.update_resource,
}

__all__ = ["HANDLERS", "Store", "new_store"]
