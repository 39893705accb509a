"""Read what Lake Formation holds of one catalog: permissions, data cells filters and grants on them, locations."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from catalog.mirror.models import Column, Table
from catalog.mirror.snapshot import to_utc_iso
from identity.accounts import Account, ConnectedCatalog
from lakeformation.observation.parsing import (
    OPT_IN_KINDS,
    parse_cells_filter,
    parse_permissions,
    parse_principal,
    parse_row_policy_attachment,
    parse_unknown_opt_in,
)
from lakeformation.observation.reading import UnknownRow
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import ALL_TABLES, DataCatalog, HeldPermissions, OptIn
from lakeformation.values.row_policies import LISTING_ACTIONS, NO_ROW_POLICIES, RowPolicies, TableTags
from workers.aws import reads
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.glue import PAGE_SIZE, GlueReader
from workers.aws.iam import confirmed_administrator
from workers.aws.sessions import get_client

TableName = tuple[str, str]
"""Database and name of a table."""
UNREAD_KINDS = frozenset({ErrorKind.DENIED, ErrorKind.ABSENT, ErrorKind.INVALID})
"""Errors after which the policies are *unknown* and the reading goes on: the action is not allowed, or the region has none."""


def read_row_policies(lakeformation: Any) -> RowPolicies:
    """Read the policies of the account's catalog. What AWS refuses to list is said in `unread`. Raises AwsError where
    another try may help.
    """
    try:
        attached = reads.list_row_policy_attachments(lakeformation)
        policies = reads.list_row_policies(lakeformation) if attached else []
    except AwsError as error:
        if error.kind not in UNREAD_KINDS:
            raise
        actions = " and ".join(LISTING_ACTIONS)
        return RowPolicies(
            unread=f"row-level security policies could not be read ({actions}): {error.message}"
        )
    expressions = {str(row.get("Name")): str(row.get("FilterExpression") or "") for row in policies}
    return RowPolicies(frozenset(parse_row_policy_attachment(row, expressions) for row in attached))


def read_table_tags(
    catalog: ConnectedCatalog, policies: RowPolicies, tables: Collection[TableName]
) -> dict[TableName, TableTags]:
    """Read the tags of the mirrored ones among these tables, and of their columns. There is no query where nothing is
    attached by tags.
    """
    if not any(attachment.tags for attachment in policies.attachments):
        return {}
    rows = Table.objects.filter(
        database__catalog=catalog, database__name__in={name for name, _ in tables}, tombstoned_at=None
    )
    keys = {pk: (database, name) for pk, database, name in rows.values_list("pk", "database__name", "name")}
    wanted = [pk for pk, key in keys.items() if key in tables]
    found: dict[TableName, list[dict[str, str]]] = defaultdict(list)
    for model, owner in ((Table, "pk"), (Column, "table_id")):
        for pk, tags in model.objects.filter(**{f"{owner}__in": wanted}).values_list(owner, "tags"):
            found[keys[pk]].append(tags)
    return dict(found)


Rows = list[dict[str, Any]]
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
    """The opt-ins of the catalog's tables, of all tables of a database, and of databases."""
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


"""Database and name; of the database itself the name is `*`."""


def read_creation_times(catalog: ConnectedCatalog, wanted: Collection[TableName]) -> dict[TableName, str]:
    """Glue's CreateTime of each that is there. AwsError.

    Of a database of which more tables are wanted than its list has pages the list is read. Whoever may not see a table
    finds it in no list: what a list lacks is asked for by itself.
    """
    glue = GlueReader(catalog.account, catalog.region)
    listed = {
        (database, row["Name"]): to_utc_iso(row.get("CreateTime"))
        for database in _find_databases_to_list(catalog, wanted)
        for row in glue.list_tables(database)
        if (database, row["Name"]) in wanted
    }
    found = ((name, listed.get(name) or _read_creation_time(glue, *name)) for name in sorted(wanted))
    return {one: created for one, created in found if created}


def _find_databases_to_list(catalog: ConnectedCatalog, wanted: Collection[TableName]) -> Iterator[str]:
    """Databases for which listing takes fewer calls than single reads, by the number of tables in the mirror."""
    names = Counter(database for database, name in wanted if name != ALL_TABLES)
    many = [database for database, count in names.items() if count > 1]
    live = Table.objects.filter(database__catalog=catalog, database__name__in=many, tombstoned_at=None)
    for database, known in live.values_list("database__name").annotate(Count("pk")).order_by():
        if -(-known // PAGE_SIZE) < names[database]:
            yield database


def _read_creation_time(glue: GlueReader, database: str, name: str) -> str | None:
    """The time of the database itself where every table of it is meant; None for what is not there."""
    if name == ALL_TABLES:
        whole = glue.find_database(database)
        return None if whole is None else to_utc_iso(whole.get("CreateTime"))
    table = glue.find_table(database, name)
    return None if table is None else to_utc_iso(table.get("CreateTime"))
