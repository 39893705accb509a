"""Between a row that crosses accounts and the RAM share that must carry it."""

from collections.abc import Iterator
from functools import partial

from mocklake import catalog_ids
from mocklake.glue.resource_policies import list_shareable, opens_by_tags
from mocklake.lakeformation.principals import Principal, Who
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import BY_TAGS, INSIDE_DATABASE, Book, Row, book_of
from mocklake.lakeformation.tag_policies import derive_rows
from mocklake.ram import shares
from mocklake.ram.shares import Share
from mocklake.world import World

WITHOUT_DATABASE = (Kind.CATALOG, Kind.LF_TAG, Kind.LF_NAMED_TAG_EXPRESSION)
TAG_KINDS = (*BY_TAGS, Kind.LF_NAMED_TAG_EXPRESSION)
TAG_SHARE_VERSION = 3
"""Below, tags are shared by the catalog's resource policy and not by RAM (DG:optimize-ram)."""
WILDCARD_VERSION = 5


def open_way(world: World, *, owner: str, region: str, book: Book, row: Row, principal: Principal) -> None:
    """Put what the row needs into the pair's share; also for a row that was there, as its share may be gone.

    Data locations need no share (DG:granting-location-permissions). What the catalog's own policy keeps RAM from
    sharing stays out of it, while the grant succeeds (DG:hybrid-cross-account).
    """
    if row.resource.kind is Kind.DATA_LOCATION:
        return
    if not row.receiver:
        row.receiver = principal.id if principal.who is Who.ORGANISATION else principal.account
        row.by_policy = row.resource.kind in TAG_KINDS and int(book.version) < TAG_SHARE_VERSION
        widest = int(book.version) >= WILDCARD_VERSION and world.switches.version_five_by_wildcard
        row.shared = () if row.by_policy else tuple(_arns(row.resource, region, widest=widest))
    if row.by_policy:
        return
    arns = list_shareable(world, owner, region, row.shared)
    pair = {"region": region, "owner": owner, "receiver": row.receiver}
    share = shares.widen_shares(world, **pair, arns=arns, version=book.version, own=row.share)
    if share.arn != row.share:
        book.needs[row.share].subtract(row.shared)
        book.needs[share.arn].update(row.shared)
        row.share = share.arn


def close_way(world: World, *, book: Book, row: Row) -> None:
    """Take out of the share what no remaining row needs; called after the row was dropped."""
    unneeded = [arn for arn in row.shared if book.needs[row.share][arn] <= 0]
    shares.narrow_share(world, row.share, arns=unneeded)


def is_open(world: World, row: Row, *, region: str, to: Resource | None = None) -> bool:
    """A share was accepted that holds what the row reaches: `to`, one of its tables, or all that it is on.

    It need not be the one that the row was put into: RAM opens a resource, whoever asked for it.
    """
    if not row.receiver:
        return True
    needed = [*_needed(to or row.resource, region)]
    if row.by_policy:
        return opens_by_tags(world, row.resource.owner, region, row.receiver, [ways[0] for ways in needed])
    own = shares.find_active(world, row.share)
    if own is not None and _opens(own, needed):
        return True
    pair = {"region": region, "owner": row.resource.owner, "receiver": row.receiver}
    return any(_opens(share, needed) for share in shares.list_between(world, **pair))


def _opens(share: Share, needed: list[tuple[str, ...]]) -> bool:
    return share.is_open and all(any(arn in share.resources for arn in ways) for ways in needed)


def share_arns(world: World, row: Row) -> list[str]:
    """The share that the row was put into, while it is there."""
    return [row.share] if shares.find_active(world, row.share) else []


def envelopes(world: World, *, account: str, region: str, on: Resource, to: Resource) -> Iterator[Row]:
    """Rows `on` a resource that open `to` to an account as a whole: its own, and its organisation's."""
    owner = to.owner
    for principal, row in book_of(world, owner, region).on.get(on, {}).items():
        meant = reaches_account(world, principal, account=account, owner=owner)
        if meant and is_open(world, row, region=region, to=to):
            yield row


def policy_envelopes(world: World, *, account: str, region: str, to: Resource) -> Iterator[Row]:
    """What tag policies granted to an account as a whole amount to on a database or table."""
    owner = to.owner
    book = book_of(world, owner, region)
    meant = [
        by_tag for by_tag in book.by_tags if reaches_account(world, by_tag, account=account, owner=owner)
    ]
    for principal in meant:
        rows = derive_rows(world, book, principal, to, region=region)
        yield from (row for row in rows if is_open(world, row, region=region, to=to))


def reaches_account(world: World, principal: str, *, account: str, owner: str) -> bool:
    through_organisation = ":organizations:" in principal and world.same_organisation(owner, account)
    return principal == account or through_organisation


def _arns(resource: Resource, region: str, *, widest: bool) -> Iterator[str]:
    """What a row puts into its share: things themselves, from version 5 on wildcards."""
    yield from (ways[-1] if widest else ways[0] for ways in _needed(resource, region))


def _needed(resource: Resource, region: str) -> Iterator[tuple[str, ...]]:
    """The ARNs that reach a resource, each with the wildcards that hold it too, the widest last.

    Another row or a later cross-account version may have put these into the share.
    """
    name = partial(catalog_ids.arn, region, resource.catalog_id)
    yield (catalog_ids.arn(region, resource.owner),)
    if resource.is_nested:
        yield (name(),)
    if resource.kind in WITHOUT_DATABASE:
        return
    if resource.kind in (Kind.LF_TAG_POLICY_DATABASE, Kind.LF_TAG_POLICY_TABLE):
        yield (name("database", "*"),)
        if resource.kind is Kind.LF_TAG_POLICY_TABLE:
            yield (name("table", "*", "*"),)
        return
    yield name("database", resource.database), name("database", "*")
    if resource.kind in INSIDE_DATABASE:
        every = (name("table", resource.database, "*"), name("table", "*", "*"))
        yield every if resource.is_all_tables else (name("table", resource.database, resource.table), *every)
