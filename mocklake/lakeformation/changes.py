"""One asked change of permissions, read from GrantPermissions, RevokePermissions or one entry of a batch."""

from dataclasses import dataclass
from typing import Any

from mocklake.catalog_ids import check_account
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals, resources
from mocklake.lakeformation.authority import Viewer
from mocklake.lakeformation.principals import Principal
from mocklake.lakeformation.resources import Resource, Target
from mocklake.lakeformation.store import Book, book_of, keyed
from mocklake.world import World


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


def viewer_of(caller: Caller) -> Viewer:
    return Viewer(caller.arn, caller.account, caller.region)


def read_change(world: World, caller: Caller, entry: dict[str, Any], catalog_id: str | None) -> Change:
    """AwsError InvalidInputException when a part is missing or malformed."""
    for part in ("Principal", "Resource"):
        if not entry.get(part):
            raise AwsError("InvalidInputException", f"{part} is mandatory.")
    check_account(catalog_id)
    return Change(
        grantor=viewer_of(caller),
        principal=principals.read(world, entry["Principal"], caller.partition),
        target=resources.read(entry["Resource"], catalog_id or caller.account),
        verbs=frozenset(entry.get("Permissions", ())),
        options=frozenset(entry.get("PermissionsWithGrantOption", ())),
        condition=(entry.get("Condition") or {}).get("Expression", ""),
    )


def unauthorized() -> AwsError:
    """One wording for what is missing and what is forbidden."""
    text = "Resource does not exist or requester is not authorized to access requested permissions."
    return AwsError("AccessDeniedException", text)


def invalid(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Permissions modification is invalid. {reason}")
