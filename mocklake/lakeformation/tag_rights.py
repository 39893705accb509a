"""What a principal may do with the LF-Tags of a catalog: by grants on keys and values, live.

Source: DG:TBAC-permission-model. An administrator may do everything with the own catalog's tags, a creator
with what it created; ASSOCIATE contains DESCRIBE.
"""

from collections.abc import Iterable

from mocklake.lakeformation.authority import Viewer, is_admin, is_reader_of_all
from mocklake.lakeformation.resources import Kind
from mocklake.lakeformation.sharing import is_open, reaches_account
from mocklake.lakeformation.store import LFTag, Row, book_of
from mocklake.lakeformation.tag_policies import ANY_VALUE
from mocklake.world import World

CONTAINING = {"DESCRIBE": frozenset({"DESCRIBE", "ASSOCIATE"})}


def values_held(world: World, viewer: Viewer, catalog_id: str, tag: LFTag, verb: str) -> list[str]:
    """The tag's values on which the verb is held."""
    at_home = catalog_id == viewer.account
    if at_home and (tag.creator == viewer.arn or is_admin(world, viewer)):
        return list(tag.values)
    if at_home and verb == "DESCRIBE" and is_reader_of_all(world, viewer):
        return list(tag.values)
    rows = _direct(world, viewer, catalog_id)
    held = covered(rows, tag, verb)
    if not at_home:
        through_account = covered(account_rows(world, viewer, catalog_id), tag, verb)
        local = covered(_local(world, viewer, catalog_id), tag, verb)
        is_head = is_reader_of_all(world, viewer)
        held |= through_account if is_head else through_account & local
    return [value for value in tag.values if value in held]


def covered(rows: Iterable[Row], tag: LFTag, verb: str, *, grantable: bool = False) -> set[str]:
    """The tag's values that rows on LF-Tags name with the verb (or its grant option)."""
    found: set[str] = set()
    for row in rows:
        if row.resource.kind is not Kind.LF_TAG:
            continue
        (key, values), given = row.resource.expression[0], row.grantable if grantable else row.verbs
        if key == tag.key and given & CONTAINING.get(verb, {verb}):
            found |= set(tag.values) if ANY_VALUE in values else set(values)
    return found & set(tag.values)


def account_rows(world: World, viewer: Viewer, catalog_id: str) -> list[Row]:
    """What another catalog's owner granted to the viewer's account as a whole."""
    book = book_of(world, catalog_id, viewer.region)
    return [
        row
        for principal, rows in book.by_tags.items()
        if reaches_account(world, principal, account=viewer.account, owner=catalog_id)
        for row in rows.values()
        if is_open(world, row, region=viewer.region)
    ]


def _direct(world: World, viewer: Viewer, catalog_id: str) -> list[Row]:
    by_tags = book_of(world, catalog_id, viewer.region).by_tags
    rows = [row for name in viewer.names for row in by_tags.get(name, {}).values()]
    return [row for row in rows if is_open(world, row, region=viewer.region)]


def _local(world: World, viewer: Viewer, catalog_id: str) -> list[Row]:
    by_tags = book_of(world, viewer.account, viewer.region).by_tags
    rows = [row for name in viewer.names for row in by_tags.get(name, {}).values()]
    return [row for row in rows if row.resource.catalog_id == catalog_id]
