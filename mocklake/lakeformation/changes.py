"""One asked change of permissions, read from GrantPermissions, RevokePermissions or one entry of a batch.

Source: AWS's service authorization reference lists no resource for Lake Formation's actions, so that only a policy
on `*` allows them; whether a policy may name databases and tables all the same is a switch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mocklake import catalog_ids
from mocklake.catalog_ids import check_account
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals, resources
from mocklake.lakeformation.authority import Viewer
from mocklake.lakeformation.principals import Principal
from mocklake.lakeformation.resources import Resource, Target
from mocklake.lakeformation.store import INSIDE_DATABASE, Book, book_of, keyed
from mocklake.world import World

_ACTIONS = ("GrantPermissions", "RevokePermissions", "BatchGrantPermissions", "BatchRevokePermissions")


@dataclass(frozen=True)
class Change:
    """`grantor` makes it in its own book; it is delegated when the resource lies in another's catalog."""

    grantor: Viewer
    principal: Principal
    target: Target
    verbs: frozenset[str]
    options: frozenset[str]
    condition: str = ""

    @property
    def key(self) -> str:
        """Whose row it is in its book."""
        return keyed(self.principal.id, self.condition)

    @property
    def resource(self) -> Resource:
        return self.target.resource

    @property
    def is_delegated(self) -> bool:
        return self.resource.owner != self.grantor.account

    @property
    def is_foreign(self) -> bool:
        """Goes to somebody outside the granting account."""
        return self.principal.is_foreign(self.grantor.account)

    def book(self, world: World) -> Book:
        return book_of(world, self.grantor.account, self.grantor.region)


def get_viewer(caller: Caller) -> Viewer:
    return Viewer(caller.arn, caller.account, caller.region)


def read_change(world: World, caller: Caller, entry: dict[str, Any], catalog_id: str | None) -> Change:
    """AwsError InvalidInputException when a part is missing or malformed."""
    for part in ("Principal", "Resource"):
        if not entry.get(part):
            raise AwsError("InvalidInputException", f"{part} is mandatory.")
    check_account(catalog_id)
    return Change(
        grantor=get_viewer(caller),
        principal=principals.read(world, entry["Principal"], caller.partition),
        target=resources.read(entry["Resource"], catalog_id or caller.account),
        verbs=frozenset(entry.get("Permissions", ())),
        options=frozenset(entry.get("PermissionsWithGrantOption", ())),
        condition=(entry.get("Condition") or {}).get("Expression", ""),
    )


def build_unauthorized_error() -> AwsError:
    """One wording for what is missing and what is forbidden."""
    text = "Resource does not exist or requester is not authorized to access requested permissions."
    return AwsError("AccessDeniedException", text)


def build_invalid_error(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Permissions modification is invalid. {reason}")


def list_iam_resources(world: World, caller: Caller, operation: str, params: dict[str, Any]) -> Iterator[str]:
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
        yield _build_arn(target.resource, caller.region)


def _build_arn(resource: Resource, region: str) -> str:
    if resource.kind in INSIDE_DATABASE:
        name = "*" if resource.is_all_tables else resource.table
        return catalog_ids.arn(region, resource.catalog_id, "table", resource.database, name)
    if resource.database:
        return catalog_ids.arn(region, resource.catalog_id, "database", resource.database)
    return catalog_ids.arn(region, resource.catalog_id)
