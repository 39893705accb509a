"""The AWS Glue Data Catalog: databases, tables and resource links, seen through Lake Formation."""

from collections.abc import Callable
from typing import Any

from mocklake.glue import (
    catalogs,
    column_statistics,
    databases,
    encryption,
    jobs,
    listing,
    partitions,
    resource_policies,
    tables,
    tagging,
)
from mocklake.glue.access import Target, resolve
from mocklake.glue.column_statistics import IAM_ACTIONS
from mocklake.glue.store import Store, new_store
from mocklake.iam.callers import Caller
from mocklake.world import World

_UNGUARDED: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    **catalogs.HANDLERS,
    **databases.HANDLERS,
    **listing.HANDLERS,
    **tables.HANDLERS,
    **partitions.HANDLERS,
    **resource_policies.HANDLERS,
    **column_statistics.HANDLERS,
    **encryption.HANDLERS,
    **jobs.HANDLERS,
    **tagging.handlers(tagging.OF_CATALOG),
}
HANDLERS = encryption.guarding(_UNGUARDED)

__all__ = ["HANDLERS", "IAM_ACTIONS", "Store", "Target", "new_store", "resolve"]
