"""Read what Lake Formation holds of one catalog: permissions, data cells filters and grants on them, locations."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.accounts.models import Account, ConnectedCatalog
from lakeformation.observation.known_answers import OPT_IN_KINDS
from lakeformation.observation.parsing import (
    parse_cells_filter,
    parse_permissions,
    parse_principal,
    parse_unknown_opt_in,
)
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import ALL_TABLES, DataCatalog, HeldPermissions, OptIn
from lakeformation.values.row_policies import NO_ROW_POLICIES, RowPolicies
from workers.aws import reads
from workers.aws.administrator_reading import confirmed_administrator
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.glue_lookup import GlueReader
from workers.aws.sessions import get_client
from workers.engine.reading.row_policies import read_row_policies

Rows = list[dict[str, Any]]
TableName = tuple[str, str]
"""Database and name of a table."""


@dataclass(frozen=True)
class CatalogReading:
    """`rows` as AWS gave them, those on filters last; `locations` by ARN, true in hybrid access mode; `filters`
    with AWS's version of each; `opt_ins` of single tables, `wide_opt_ins` of databases and all their tables,
    `conditional_opt_ins` of either that hold for some sessions alone. `unread_tables` are
    tables (database, name) of whose filters it was not read who may read by them. `unknown_rows` cannot be judged.
    """

    rows: list[dict[str, Any]]
    held: HeldPermissions
    locations: dict[str, bool]
    filters: dict[CellsFilter, str] = field(default_factory=dict)
    opt_ins: frozenset[OptIn] = frozenset()
    wide_opt_ins: frozenset[OptIn] = frozenset()
    conditional_opt_ins: frozenset[OptIn] = frozenset()
    unread_tables: frozenset[TableName] = frozenset()
    unknown_rows: frozenset[UnknownRow] = frozenset()
    row_policies: RowPolicies = NO_ROW_POLICIES

    @property
    def hybrid_locations(self) -> frozenset[str]:
        return frozenset(arn for arn, is_hybrid in self.locations.items() if is_hybrid)

    @property
    def filters_by_key(self) -> dict[FilterKey, CellsFilter]:
        return {one.key: one for one in self.filters}


def read_catalog(catalog: ConnectedCatalog, tables: Collection[TableName] | None = None) -> CatalogReading:
    """One complete reading: of filters and grants on them for these tables alone (None: for all; of the name `*`: for all of
    the database), as AWS lists such grants by table. AwsError if any part is not read.
    """
    with confirmed_administrator(catalog.account, catalog.region):
        databases = None if tables is None else {database for database, _ in tables}
        place = DataCatalog(catalog.account.account_id, catalog.region)
        lakeformation = get_client(
            "lakeformation", account=catalog.account, role="observer", region=catalog.region
        )
        filters = {
            parse_cells_filter(row, place): str(row.get("VersionId", ""))
            for row in reads.list_cells_filters(lakeformation, place.account)
            if databases is None or row["DatabaseName"] in databases
        }
        rows = reads.read_permissions(lakeformation, place.account)
        filtered = {(one.database, one.table) for one in filters}
        wanted = {
            one for one in filtered if tables is None or one in tables or (one[0], ALL_TABLES) in tables
        }
        for database, table in sorted(wanted):
            named = {"CatalogId": place.account, "DatabaseName": database, "Name": table}
            rows += read_filter_permissions(catalog.account, catalog.account, catalog.region, named)
        locations = reads.list_registered_locations(lakeformation)
        told = reads.list_opt_ins(lakeformation) if any(locations.values()) else []
        opted = _parse_opt_ins([row for row in told if not row.get("Condition")], place)
        conditional = _parse_opt_ins([row for row in told if row.get("Condition")], place)
        wide = frozenset(one for one in opted if one.table in {"", ALL_TABLES})
        parsed, unread = parse_permissions(rows, place), frozenset(filtered - wanted)
        unknown_opt_ins = frozenset(
            parse_unknown_opt_in(row, place)
            for row in told
            if OPT_IN_KINDS.isdisjoint(row.get("Resource") or ()) or not parse_principal(row)
        )
        unknown = parsed.unknown | unknown_opt_ins
        policies = read_row_policies(lakeformation)
        return CatalogReading(
            rows, parsed.held, locations, filters, opted - wide, wide, conditional, unread, unknown, policies
        )


def _parse_opt_ins(rows: Iterable[Mapping[str, Any]], place: DataCatalog) -> frozenset[OptIn]:
    """Those of the catalog's tables, of all tables of a database, and of databases."""
    return frozenset(one for row in rows for one in _parse_opt_in(row, place))


def _parse_opt_in(row: Mapping[str, Any], place: DataCatalog) -> Iterator[OptIn]:
    on, principal = row.get("Resource") or {}, parse_principal(row)
    table = on.get("Table") or {}
    body = table or on.get("Database") or {}
    if not (body and principal) or body.get("CatalogId", place.account) != place.account:
        return
    if not table:
        yield OptIn(place, principal, body["Name"], "")
        return
    is_every = "TableWildcard" in table or table["Name"] == "ALL_TABLES"
    yield OptIn(place, principal, table["DatabaseName"], ALL_TABLES if is_every else table["Name"])


# Reads ListPermissions completely, or raises AwsError: an incomplete listing never counts as *absent*. AWS
# cuts the answer to what the caller may see, and refuses to list what does not exist.
def read_permissions(reader: Account, region: str, catalog_id: str) -> Rows:
    """Every permission of a catalog, as the reader's observer sees it. AwsError where AWS may have left some out."""
    lakeformation = get_client("lakeformation", account=reader, role="observer", region=region)
    with confirmed_administrator(reader, region):
        return reads.read_permissions(lakeformation, catalog_id)


def read_filter_permissions(reader: Account, owner: Account, region: str, table: dict[str, str]) -> Rows:
    """Permissions on the data cells filters of one table of the owner's catalog; none where Glue says that there is no
    such table: its permissions went with it. `table` is CatalogId, DatabaseName and Name.
    """
    lakeformation = get_client("lakeformation", account=reader, role="observer", region=region)
    try:
        return reads.list_filter_permissions(lakeformation, table)
    except AwsError as error:
        if error.kind not in {ErrorKind.DENIED, ErrorKind.ABSENT}:
            raise
        if GlueReader(owner, region).find_table(table["DatabaseName"], table["Name"]) is not None:
            raise
        return []
