"""Between a row that crosses accounts and the RAM share that must carry it."""

from collections.abc import Iterator

from awsim.lakeformation.principals import Principal, Who
from awsim.lakeformation.resources import Kind, Resource
from awsim.lakeformation.store import INSIDE_DATABASE, Book, Row, book_of
from awsim.lakeformation.tag_policies import derived_rows
from awsim.ram import shares
from awsim.ram.store import Share
from awsim.world import World

WITHOUT_DATABASE = (Kind.CATALOG, Kind.LF_TAG, Kind.LF_NAMED_TAG_EXPRESSION)
WILDCARD_VERSION = 5
SPECIFIC_VERSION = 4


def open_way(world: World, *, owner: str, region: str, book: Book, row: Row, principal: Principal) -> None:
    """Put what the row needs into the pair's share; also for a row that was there, as its share may be gone."""
    if not row.receiver:
        row.receiver = principal.id if principal.who is Who.ORGANISATION else principal.account
        row.shared = tuple(_arns(row.resource, region, int(book.version)))
        book.needs[row.receiver].update(row.shared)
    shares.widen(
        world, region=region, owner=owner, receiver=row.receiver, arns=row.shared, version=book.version
    )


def close_way(world: World, *, owner: str, region: str, book: Book, row: Row) -> None:
    """Take out of the share what no remaining row needs; called after the row was dropped."""
    unneeded = [arn for arn in row.shared if book.needs[row.receiver][arn] <= 0]
    shares.narrow(world, region=region, owner=owner, receiver=row.receiver, arns=unneeded)


def is_open(world: World, row: Row, *, region: str, to: Resource | None = None) -> bool:
    """A share was accepted that holds what the row reaches: `to`, one of its tables, or all that it is on."""
    if not row.receiver:
        return True
    share = _share(world, row, region)
    needed = _arns(to or row.resource, region, SPECIFIC_VERSION)
    return bool(share and share.is_open and all(_holds(share, arn) for arn in needed))


def share_arns(world: World, row: Row, *, region: str) -> list[str]:
    share = _share(world, row, region) if row.receiver else None
    return [share.arn] if share else []


def envelopes(world: World, *, account: str, region: str, on: Resource, to: Resource) -> Iterator[Row]:
    """Rows `on` a resource that open `to` to an account as a whole: its own, and its organisation's."""
    owner = to.catalog_id
    for principal, row in book_of(world, owner, region).on.get(on, {}).items():
        meant = reaches_account(world, principal, account=account, owner=owner)
        if meant and is_open(world, row, region=region, to=to):
            yield row


def policy_envelopes(world: World, *, account: str, region: str, to: Resource) -> Iterator[Row]:
    """What tag policies granted to an account as a whole amount to on a database or table."""
    owner = to.catalog_id
    book = book_of(world, owner, region)
    meant = [one for one in book.by_tags if reaches_account(world, one, account=account, owner=owner)]
    for principal in meant:
        rows = derived_rows(world, book, principal, to, region=region)
        yield from (row for row in rows if is_open(world, row, region=region, to=to))


def reaches_account(world: World, principal: str, *, account: str, owner: str) -> bool:
    through_organisation = ":organizations:" in principal and world.same_organisation(owner, account)
    return principal == account or through_organisation


def _share(world: World, row: Row, region: str) -> Share | None:
    owner = row.resource.catalog_id
    return shares.find_live(world, region=region, owner=owner, receiver=row.receiver)


def _holds(share: Share, arn: str) -> bool:
    """Itself or by a wildcard, which another row or a later cross-account version may have put there."""
    prefix, _, kind_and_name = arn.rpartition(":")
    kind, _, name = kind_and_name.partition("/")
    wildcards = {"database": ("*",), "table": (f"{name.partition('/')[0]}/*", "*/*")}.get(kind, ())
    return arn in share.resources or any(f"{prefix}:{kind}/{one}" in share.resources for one in wildcards)


def _arns(resource: Resource, region: str, version: int) -> Iterator[str]:
    prefix = f"arn:aws:glue:{region}:{resource.catalog_id}:"
    yield f"{prefix}catalog"
    if resource.kind in WITHOUT_DATABASE:
        return
    if resource.kind in (Kind.LF_TAG_POLICY_DATABASE, Kind.LF_TAG_POLICY_TABLE):
        yield f"{prefix}database/*"
        if resource.kind is Kind.LF_TAG_POLICY_TABLE:
            yield f"{prefix}table/*/*"
        return
    yield f"{prefix}database/{'*' if version >= WILDCARD_VERSION else resource.database}"
    if resource.kind in INSIDE_DATABASE and version >= WILDCARD_VERSION:
        yield f"{prefix}table/*/*"
    elif resource.kind in INSIDE_DATABASE:
        yield f"{prefix}table/{resource.database}/{'*' if resource.is_all_tables else resource.table}"
