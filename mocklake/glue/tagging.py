"""AWS tags of databases and catalogs, and of whatever else a finder is given for: tables have none.

Sources: AWS Glue Developer Guide, monitor-tags; botocore model. Assumed: another account's resource is refused as IAM
refuses it, and a kind without tags is an invalid input.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.store import Catalog, Database, find_catalog, find_database
from mocklake.iam.callers import Caller
from mocklake.world import World

Tags = dict[str, str]
Finder = Callable[[World, str, str, str], Tags | None]
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]
MOST = 50


def handlers(finders: Mapping[str, Finder]) -> dict[str, Handler]:
    """The three operations for resources by the kind in their ARN; a finder takes account, region and name."""

    def get_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """EntityNotFoundException for what is not there."""
        return {"Tags": dict(_find(world, caller, params["ResourceArn"], finders))}

    def tag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """InvalidInputException beyond fifty tags; a key that is there gets the new value."""
        tags = _find(world, caller, params["ResourceArn"], finders)
        if len(tags | params["TagsToAdd"]) > MOST:
            raise AwsError("InvalidInputException", f"A resource has at most {MOST} tags.")
        tags |= params["TagsToAdd"]
        return {}

    def untag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """Keys that are not there are passed over."""
        tags = _find(world, caller, params["ResourceArn"], finders)
        for key in params["TagsToRemove"]:
            tags.pop(key, None)
        return {}

    return {"GetTags": get_tags, "TagResource": tag_resource, "UntagResource": untag_resource}


def _find(world: World, caller: Caller, arn: str, finders: Mapping[str, Finder]) -> Tags:
    """Raises AwsError InvalidInputException, AccessDeniedException or EntityNotFoundException."""
    parts = arn.split(":", 5)
    kind, _, name = parts[-1].partition("/")
    is_whole = len(parts) > len(("arn", "aws", "glue", "region", "account"))
    if not is_whole or kind not in finders or parts[1] != caller.partition:
        raise AwsError("InvalidInputException", f"The resource cannot be tagged: {arn}")
    region, account = parts[3], parts[4]
    if account != caller.account:
        text = f"User: {caller.session_arn} is not authorized to access this resource: {arn}"
        raise AwsError("AccessDeniedException", text)
    tags = finders[kind](world, account, region, name)
    if tags is None:
        raise AwsError("EntityNotFoundException", f"Entity not found: {arn}")
    return tags


def _database_tags(world: World, account: str, region: str, name: str) -> Tags | None:
    path, _, database = name.rpartition("/")
    return _kept(find_database(world, full_id(path, account), region, database))


def _catalog_tags(world: World, account: str, region: str, name: str) -> Tags | None:
    return _kept(find_catalog(world, full_id(name, account), region))


def _kept(found: Database | Catalog | None) -> Tags | None:
    if found is None:
        return None
    if found.tags is None:
        found.tags = {}
    return found.tags


OF_CATALOG: dict[str, Finder] = {"database": _database_tags, "catalog": _catalog_tags}
