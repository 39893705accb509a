"""What may leave the account: which permissions, for whom, and in which cross-account version.

Sources: DG:cross-account-notes, DG:optimize-ram, DG:TBAC-adding-tag-creator, DG:identity-center-lf-notes, and texts that
public projects report from live accounts.
"""

from mocklake.errors import AwsError
from mocklake.glue.store import find_table
from mocklake.lakeformation import verbs
from mocklake.lakeformation.changes import Change, invalid
from mocklake.lakeformation.hybrid import is_hybrid
from mocklake.lakeformation.principals import Who
from mocklake.lakeformation.resources import Kind
from mocklake.lakeformation.sharing import TAG_KINDS, TAG_SHARE_VERSION
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, INSIDE_DATABASE, book_of
from mocklake.ram.store import store_of as ram_store
from mocklake.world import World

DIRECT_FOREIGN_VERSION = 3
HYBRID_VERSION = 4
NESTED_VERSION = 4
ON_DATABASES = (Kind.DATABASE, Kind.LF_TAG_POLICY_DATABASE)
NO_SUCH_RECEIVER = "Cross-account grants are not supported for the principal."


def check_foreign(world: World, change: Change) -> None:
    """What may leave the account, for whom, and in which cross-account version."""
    if not change.is_foreign:
        return
    if change.resource.is_nested:
        _check_nested(world, change)
    elif change.resource.kind is Kind.CATALOG:
        raise invalid("CATALOG permissions cannot go to another account.")
    if change.resource.kind in ON_DATABASES and change.verbs & verbs.NOT_ON_FOREIGN_DATABASE:
        raise invalid("DROP and ALL on a database cannot go to another account.")
    if change.resource.kind is Kind.LF_TAG and not change.verbs <= verbs.ON_FOREIGN_TAG:
        raise invalid("Only DESCRIBE and ASSOCIATE on an LF-Tag can go to another account.")
    if change.resource.kind is Kind.DATA_CELLS_FILTER and not change.verbs <= verbs.ON_FOREIGN_FILTER:
        raise invalid("Only SELECT on a data cells filter can go to another account.")
    _check_receiver(world, change)
    _check_versions(world, change)
    _check_everyone_is_gone(world, change)


def _check_nested(world: World, change: Change) -> None:
    """Nested catalogs are shared from version 4 on, never with SUPER_USER (DG:s3-tables-grant-permissions)."""
    if int(change.book(world).version) < NESTED_VERSION:
        text = "Cross-account grants on nested catalogs need cross-account version 4 or above."
        raise AwsError("InvalidInputException", text)
    if verbs.SUPER_USER in change.verbs:
        raise invalid("SUPER_USER cannot go to another account.")


def _check_receiver(world: World, change: Change) -> None:
    principal = change.principal
    if principal.who is Who.FEDERATED and not world.switches.federated_across_accounts:
        raise AwsError("InvalidInputException", NO_SUCH_RECEIVER)
    if principal.who is Who.ORGANISATION:
        _check_organisation(world, change)
    if principal.who not in (Who.IAM, Who.ALL_IAM, Who.FEDERATED):
        return
    if int(change.book(world).version) < DIRECT_FOREIGN_VERSION:
        text = "Cross-account grants to IAM principals need cross-account version 3 or above."
        raise AwsError("InvalidInputException", text)
    if change.options:
        raise invalid("The grant option cannot go to a principal of another account.")


def _check_organisation(world: World, change: Change) -> None:
    """RAM must share with the organisation; by LF-Tags from version 3 on (DG:optimize-ram)."""
    inside = change.grantor.account in world.organisation and ram_store(world).shares_in_organisation
    by_tags = change.resource.kind in TAG_KINDS
    if not inside or (by_tags and int(change.book(world).version) < TAG_SHARE_VERSION):
        raise AwsError("InvalidInputException", f"Invalid principal, {change.principal.id}")


def _check_versions(world: World, change: Change) -> None:
    """DG:optimize-ram: below version 3 LF-Tags reach no account of version 3 or later.

    Whether databases and tables of a version 1 do is a switch.
    """
    version, receiver = int(change.book(world).version), change.principal.account
    if version >= TAG_SHARE_VERSION or not receiver:
        return
    is_later = int(book_of(world, receiver, change.grantor.region).version) >= TAG_SHARE_VERSION
    by_tags = change.resource.kind in TAG_KINDS
    if is_later and (by_tags or (version == 1 and not world.switches.version_one_reaches_later)):
        text = (
            "Invalid cross account grant request. Consumer account has opt-in to cross account version: v3. "
            "Please update `CrossAccountVersion` in `DataLakeSetting` to minimal version v3"
        )
        raise AwsError("InvalidInputException", text)


def _check_everyone_is_gone(world: World, change: Change) -> None:
    """A table open to all of IAM cannot be shared, but in hybrid access mode from version 4."""
    resource = change.resource.whole_table
    book = book_of(world, resource.catalog_id, change.grantor.region)
    if change.resource.kind not in INSIDE_DATABASE or book.find(IAM_ALLOWED_PRINCIPALS, resource) is None:
        return
    if int(book.version) >= HYBRID_VERSION and _is_hybrid(world, change):
        return
    text = "Please revoke permission(s) for IAM_ALLOWED_PRINCIPALS on the table"
    raise AwsError("InvalidInputException", text)


def _is_hybrid(world: World, change: Change) -> bool:
    resource, region = change.resource, change.grantor.region
    table = find_table(world, resource.catalog_id, region, resource.database, resource.table)
    return is_hybrid(book_of(world, resource.catalog_id, region), table)
