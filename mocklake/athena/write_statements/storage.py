"""Objects in S3 as a statement reads and writes them: by the caller, or by the role of a registered location.

Source: DG:access-control-underlying-data, DG:granting-location-permissions. Who writes into a registered location
holds INSERT or DELETE on the table, or makes a table there; elsewhere the caller's own IAM decides.
"""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import unquote

from mocklake import partitions
from mocklake.athena import sources
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG, TableName
from mocklake.athena.s3_storage import Storage, folder
from mocklake.athena.session import Session
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue import access
from mocklake.glue.access import Target
from mocklake.lakeformation import authority
from mocklake.lakeformation.authority import Viewer
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import database_resource, table_resource
from mocklake.lakeformation.store import book_of

T = TypeVar("T")


def reader(session: Session, name: TableName, location: str) -> Storage:
    """As SELECT reads the table's files."""
    return _of_table(session, _target(session, name), location)


def writer(session: Session, name: TableName, location: str, verb: str) -> Storage:
    """`verb` is Lake Formation's INSERT or DELETE; raises QueryFailedError for whom it is not granted."""
    target = _target(session, name)
    viewer = Viewer(session.caller.arn, session.caller.account, target.region)
    resource = table_resource(target.catalog_id, target.database, target.table or "")
    _checked(partial(authority.require, session.world, viewer, verb, resource))
    return _of_table(session, target, location)


def creator(session: Session, name: TableName, location: str) -> Storage:
    """Where a new table's data are written: CREATE_TABLE and, if registered, the location must be the caller's."""
    account, region = session.caller.account, session.caller.region
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    viewer = Viewer(session.caller.arn, account, region)
    resource = database_resource(catalog_id, name.database)
    _checked(partial(authority.require, session.world, viewer, "CREATE_TABLE", resource))
    asked = {"catalog_id": catalog_id, "database": name.database, "location": location}
    _checked(partial(require_location, session.world, viewer, **asked))
    if not session.world.switches.creating_needs_data_location:
        return own(session, location)
    path = partitions.s3_arn(region, location.partition("://")[2])
    book = book_of(session.world, catalog_id, region)
    covering = [one for one in book.locations.values() if path.startswith(one.arn.rstrip("/") + "/")]
    best = max(covering, key=lambda one: len(one.arn), default=None)
    if best is None or best.body["HybridAccessEnabled"]:
        return own(session, location)
    return Storage(folder(location), best.body["RoleArn"])


def own(session: Session, location: str) -> Storage:
    """What the caller's own policies open."""
    return Storage(folder(location), session.caller.arn)


def partition_folders(storage: Storage, location: str, keys: Sequence[str]) -> dict[tuple[str, ...], str]:
    """The folder of each combination of values below a location, such as `day=mon/`."""
    below = len(location.partition("://")[2].partition("/")[2])
    found: dict[tuple[str, ...], str] = {}
    for key in storage.listing():
        parts = [part.partition("=") for part in key[below:].split("/")[: len(keys)]]
        if [part[0] for part in parts] == list(keys) and key[below:].count("/") >= len(keys):
            folder = "/".join("".join(part) for part in parts) + "/"
            found[tuple(unquote(part[2]) for part in parts)] = folder
    return found


def _of_table(session: Session, target: Target, location: str) -> Storage:
    below = folder(location)
    path = partitions.s3_arn(target.region, below.partition("://")[2])
    with session.world.lock:
        role = sources.registered_role(session.world, session.caller, target, path)
    return Storage(below, role or session.caller.arn)


def _target(session: Session, name: TableName) -> Target:
    account = session.caller.account
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    region = session.caller.region
    return _checked(partial(access.resolve, session.world, catalog_id, region, name.database, name.table))


def _checked(ask: "partial[T]") -> T:
    try:
        return ask()
    except AwsError as error:
        raise QueryFailedError(error.message) from error


def _folder(location: str) -> str:
    if not location.startswith("s3://") or not location.removeprefix("s3://").partition("/")[0]:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: {location!r} is not a valid S3 path")
    return location.rstrip("/") + "/"
