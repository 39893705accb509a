"""What a Data Catalog's resource policy lets through.

Sources: Lake Formation Developer Guide, hybrid-cross-account (a policy without `glue:ShareResource` for RAM blocks
the shares of later grants, which succeed all the same); Glue Developer Guide, cross-account-access (a policy opens
the catalog, the database and the table to another account, each by its ARN). Assumed: a share that is blocked stays
so until the permission is granted again; a policy opens what Lake Formation leaves to IAMAllowedPrincipals and
nothing else; its Deny takes back what it allows itself and no Lake Formation permission.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from mocklake import partitions
from mocklake.catalog_ids import arn, owner_of
from mocklake.glue.policy_store import statements_of
from mocklake.iam.policy_documents import Decision, Statement, decide
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import Row
from mocklake.world import World

RAM = "ram.amazonaws.com"
_READING = {"catalog": "glue:GetDatabases", "database": "glue:GetDatabase", "table": "glue:GetTable"}
_ACTIONS = {
    Kind.DATABASE: {
        "DESCRIBE": "glue:GetDatabase", "ALTER": "glue:UpdateDatabase", "DROP": "glue:DeleteDatabase",
        "CREATE_TABLE": "glue:CreateTable",
    },
    Kind.TABLE: {
        "DESCRIBE": "glue:GetTable", "SELECT": "glue:GetTable", "ALTER": "glue:UpdateTable",
        "DROP": "glue:DeleteTable", "INSERT": "glue:CreatePartition", "DELETE": "glue:DeletePartition",
    },
}  # fmt: skip


def shareable(world: World, owner: str, region: str, arns: Iterable[str]) -> list[str]:
    """Those that RAM may share: all of them where there is no policy."""
    rules = statements_of(world, owner, region)
    if not rules:
        return list(arns)
    return [one for one in arns if _allows(rules, "glue:ShareResource", [one], RAM)]


def left_to_everyone(
    world: World, principal: str, region: str, resource: Resource, rows: Iterable[Row]
) -> Iterator[Row]:
    """Of what everyone of the owning account holds, that which its policy opens to another's principal."""
    rules = statements_of(world, resource.owner, region)
    actions = _ACTIONS.get(resource.kind, {})
    if not rules or not actions or not any("ALL" in row.verbs for row in rows):
        return
    arns = _arns(resource, region)
    verbs = {verb for verb, action in actions.items() if _allows(rules, action, arns, principal)}
    if verbs:
        yield Row(principal, resource, 0, datetime.fromtimestamp(0, UTC), "", verbs)


def opens_by_tags(world: World, owner: str, region: str, account: str, arns: Iterable[str]) -> bool:
    """Whether the policy opens all this to an account for grants by LF-Tags below cross-account version 3.

    Source: Lake Formation Developer Guide, cross-account-prereqs; its statement has the condition
    `glue:EvaluatedByLakeFormationTags`. That what the account may read counts is assumed.
    """
    rules, root = statements_of(world, owner, region), partitions.root_arn(account, region)
    tagged = {"glue:EvaluatedByLakeFormationTags": "true"}
    return all(
        decide(rules, _READING[one.split(":", 5)[5].partition("/")[0]], one, principal=root, context=tagged)
        is Decision.ALLOW
        for one in arns
    )


def _allows(rules: list[Statement], action: str, arns: list[str], principal: str) -> bool:
    return all(decide(rules, action, one, principal=principal) is Decision.ALLOW for one in arns)


def _arns(resource: Resource, region: str) -> list[str]:
    """What the call touches: the catalog, the database and the table."""
    place = resource.catalog_id
    found = [arn(region, owner_of(place)), arn(region, place, "database", resource.database)]
    return found + (
        [arn(region, place, "table", resource.database, resource.table)] if resource.table else []
    )
