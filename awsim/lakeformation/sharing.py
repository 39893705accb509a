"""Between a row that crosses accounts and the RAM share that must carry it."""

from collections.abc import Iterator

from awsim.lakeformation.principals import Principal, Who
from awsim.lakeformation.resources import Kind, Resource
from awsim.lakeformation.store import Book, Row, book_of
from awsim.ram import shares
from awsim.ram.store import Share
from awsim.world import World

WILDCARD_VERSION = 5


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


def is_open(world: World, row: Row, *, region: str) -> bool:
    """The share that carries the row exists, holds what it needs and was accepted."""
    if not row.receiver:
        return True
    share = _share(world, row, region)
    return bool(share and share.is_open and share.resources.keys() >= set(row.shared))


def share_arns(world: World, row: Row, *, region: str) -> list[str]:
    share = _share(world, row, region) if row.receiver else None
    return [share.arn] if share else []


def envelopes(world: World, *, owner: str, account: str, region: str, resource: Resource) -> Iterator[Row]:
    """Open rows on a resource for an account as a whole: its own, and its organisation's."""
    for principal, row in book_of(world, owner, region).on.get(resource, {}).items():
        through_organisation = ":organizations:" in principal and world.same_organisation(owner, account)
        if (principal == account or through_organisation) and is_open(world, row, region=region):
            yield row


def _share(world: World, row: Row, region: str) -> Share | None:
    owner = row.resource.catalog_id
    return shares.find_live(world, region=region, owner=owner, receiver=row.receiver)


def _arns(resource: Resource, region: str, version: int) -> Iterator[str]:
    prefix = f"arn:aws:glue:{region}:{resource.catalog_id}:"
    yield f"{prefix}catalog"
    if resource.kind is Kind.CATALOG:
        return
    yield f"{prefix}database/{'*' if version >= WILDCARD_VERSION else resource.database}"
    if resource.kind is Kind.TABLE and version >= WILDCARD_VERSION:
        yield f"{prefix}table/*/*"
    elif resource.kind is Kind.TABLE:
        yield f"{prefix}table/{resource.database}/{'*' if resource.is_all_tables else resource.table}"
