"""What CloudTrail hears of a query's reads: one GetDataAccess for each table in a registered location.

Through a link there are two, one about the link in the account that has it, one about the table itself (DG:
cross-account-logging). The tables behind a view are recorded as read by whoever asks (assumed).
"""

from typing import Any

from mocklake.athena import sources
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG, TableName
from mocklake.athena.sources import Source
from mocklake.catalog_ids import arn, full_id, owner_of
from mocklake.cloudtrail import data_access
from mocklake.cloudtrail.data_access import Engine
from mocklake.errors import AwsError
from mocklake.glue import access
from mocklake.glue.access import Target
from mocklake.glue.store import find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.hybrid import registered_at
from mocklake.lakeformation.store import book_of
from mocklake.world import World

MORE: dict[str, Any] = {"cellLevelSecurityEnforced": True}


def engine_of(query_id: str) -> Engine:
    return Engine("athena.amazonaws.com", "ATHENA", "AT", f"{{queryId: {query_id}}}")


def load(world: World, caller: Caller, name: TableName, query_id: str) -> Source:
    """As `sources.load`, written down whether it may be read or not."""
    try:
        source = sources.load(world, caller, name)
    except QueryFailedError as error:
        _note(world, caller, name, query_id, refused=str(error))
        raise
    _note_all(world, caller, source, query_id, home="")
    return source


def _note_all(world: World, caller: Caller, source: Source, query_id: str, *, home: str) -> None:
    """A view has no location: the tables that it reads are written down, found in the catalogs of its account."""
    target = _note(world, caller, source.name, query_id, home=home)
    if source.view is not None and target is not None:
        for inner in source.view.sources:
            _note_all(world, caller, inner, query_id, home=owner_of(target.catalog_id))


def _note(
    world: World, caller: Caller, name: TableName, query_id: str, *, refused: str = "", home: str = ""
) -> Target | None:
    """Where the table really lies. `home` is the account in whose catalogs its name lies, if not the caller's."""
    account = home or caller.account
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    base = name.table.partition("$")[0]
    place = Target(catalog_id, caller.region, name.database, base)
    try:
        target = access.resolve(world, catalog_id, caller.region, name.database, base)
    except AwsError:
        return None
    if _is_registered(world, target):
        error = AwsError("AccessDeniedException", refused) if refused else None
        engine = engine_of(query_id)
        session = data_access.session_name(caller.account, engine)
        for one in dict.fromkeys((place, target)):
            table_arn = arn(one.region, one.catalog_id, "table", one.database, one.table or "")
            data_access.note(world, caller, table_arn, engine, session=session, more=MORE, error=error)
    return target


def _is_registered(world: World, place: Target) -> bool:
    table = find_table(world, place.catalog_id, place.region, place.database, place.table or "")
    book = book_of(world, place.catalog_id, place.region)
    return registered_at(book, table) is not None
