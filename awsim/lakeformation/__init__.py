"""AWS Lake Formation: permissions, settings, locations and LF-Tags, with effect across accounts."""

from collections.abc import Callable
from typing import Any

from awsim.callers import Caller
from awsim.lakeformation import grants, listing, locations, settings
from awsim.lakeformation.store import Store, new_store
from awsim.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "BatchGrantPermissions": grants.batch_grant_permissions,
    "BatchRevokePermissions": grants.batch_revoke_permissions,
    "DeregisterResource": locations.deregister_resource,
    "DescribeResource": locations.describe_resource,
    "GetDataLakeSettings": settings.get_data_lake_settings,
    "GrantPermissions": grants.grant_permissions,
    "ListPermissions": listing.list_permissions,
    "ListResources": locations.list_resources,
    "PutDataLakeSettings": settings.put_data_lake_settings,
    "RegisterResource": locations.register_resource,
    "RevokePermissions": grants.revoke_permissions,
    "UpdateResource": locations.update_resource,
}

__all__ = ["HANDLERS", "Store", "new_store"]
