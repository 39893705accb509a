"""What IAM is asked about when permissions are granted or revoked.

Source: AWS's service authorization reference lists no resource for Lake Formation's actions, so that only a policy
on `*` allows them; whether a policy may name databases and tables all the same is a switch.
"""

from collections.abc import Iterator
from typing import Any

from mocklake import catalog_ids
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import resources
from mocklake.lakeformation.resources import Resource
from mocklake.lakeformation.store import INSIDE_DATABASE
from mocklake.world import World

_ACTIONS = ("GrantPermissions", "RevokePermissions", "BatchGrantPermissions", "BatchRevokePermissions")


def asked_of_iam(world: World, caller: Caller, operation: str, params: dict[str, Any]) -> Iterator[str]:
    """An ARN for each thing that a policy must allow; none for operations whose resource IAM leaves out."""
    if operation not in _ACTIONS:
        return
    if not world.switches.iam_narrows_grants:
        yield "*"
        return
    for entry in params.get("Entries", [params]):
        try:
            target = resources.read(entry.get("Resource") or {}, params.get("CatalogId") or caller.account)
        except (AwsError, KeyError):
            yield "*"
            continue
        yield _arn(target.resource, caller.region)


def _arn(resource: Resource, region: str) -> str:
    if resource.kind in INSIDE_DATABASE:
        name = "*" if resource.is_all_tables else resource.table
        return catalog_ids.arn(region, resource.catalog_id, "table", resource.database, name)
    if resource.database:
        return catalog_ids.arn(region, resource.catalog_id, "database", resource.database)
    return catalog_ids.arn(region, resource.catalog_id)
