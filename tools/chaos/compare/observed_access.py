"""What is, beside what must be: permissions read by boto3, compared with approvals; nothing of the engine is used."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from catalog.registrations.models import Registration
from catalog.registrations.queries import get_status
from catalog.registrations.states import RegistrationStatus
from decisions.states import DecisionState
from demo.bank.accounts import GOVERNANCE
from lakeformation.access.table_access import WRITE_VERBS
from lakeformation.values.permissions import DESCRIBE
from tools.chaos.compare.approved_access import (
    ALL_COLUMNS_MARK,
    CELLS_PREFIX,
    DESCRIBE_MARK,
    OPTION_PREFIX,
    OTHER_VERB_PREFIX,
    AccessLine,
    ApprovedAccess,
    find_redundant_columns,
    format_cells,
    format_subgrantee,
    format_tags,
    is_implied,
    is_whole_table,
    merge_lines,
    to_whole_table,
)

ClientFactory = Callable[[str, str], Any]
"""A Lake Formation client as root of the account, in the region."""
FilterCells = dict[tuple[str, str, str], str]
"""Columns and rows of data cells filters in one line, by database, table and name."""
PermissionRow = Mapping[str, Any]
PORTAL_PREFIX = "meshmarket_"
UNSEEN_CODES = frozenset({"AccessDeniedException", "EntityNotFoundException"})
"""How AWS refuses to list what does not exist, or what the caller may not see."""
SETTLED = {RegistrationStatus.REGISTERED, RegistrationStatus.ENDED}
RELATED = ("catalog__account", "table_intent", "write_intent", "engineer")
Holding = tuple[str, str, str]
"""Database and table of what a principal holds, and the principal; the table is empty for the database itself."""


def read_lines(
    clients: ClientFactory, catalogs: Iterable[tuple[str, str]], holders: set[str]
) -> Counter[AccessLine]:
    """How many rows of AWS give each holding to one of the holders; anything unforeseen has its verb as column.

    What an account passed on stands in its own list of the owner's catalog, beside what it was given.
    """
    found: Counter[AccessLine] = Counter()
    passing = {holder.rpartition(" by ")[2] for holder in holders if " by " in holder}
    for account, region in catalogs:
        filters = list_filters(clients(account, region))
        for through in ("", *sorted(passing)):
            rows = list_catalog_rows(clients(through or account, region), account, filters)
            of_one = ((_get_holder(row, through), row) for row in rows)
            mine = (
                (account, region, who, *what)
                for who, row in of_one
                if who in holders
                for what in _parse_row(row, filters)
            )
            found.update(mine)
    return found


def _get_holder(row: PermissionRow, through: str) -> str:
    """Who holds what a row says; what an account was given itself is told by its owner."""
    arn = str(row["Principal"]["DataLakePrincipalIdentifier"])
    if not through:
        return arn
    return "" if arn == through else format_subgrantee(arn, through)


def list_catalog_rows(client: Any, account: str, filters: FilterCells) -> Iterator[PermissionRow]:
    """All that the client is told of the account's catalog; a table's rows on filters come in no other listing."""
    yield from list_permission_rows(client, account)
    for database, table in sorted({key[:2] for key in filters}):
        named = {"CatalogId": account, "DatabaseName": database, "Name": table}
        rows = list_if_seen(list_permission_rows(client, account, named))
        yield from (row for row in rows if "DataCellsFilter" in row["Resource"])


def list_permission_rows(
    client: Any, account: str, table: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Every row that the account's catalog holds, or those of one table with its filters, as AWS shapes them."""
    asked: dict[str, Any] = {"CatalogId": account}
    if table:
        asked |= {"Resource": {"Table": table}, "IncludeRelated": "TRUE"}
    return list_all_rows(client.list_permissions, "PrincipalResourcePermissions", **asked)


def list_all_rows(read: Any, rows: str, **asked: Any) -> Iterator[dict[str, Any]]:
    """Yields the entries of all pages of a list, by whatever client's method."""
    while True:
        page = read(**asked)
        yield from page[rows]
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def list_if_seen(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows; none where the table or database that they are of is gone, or hidden from the caller, who then has
    nothing there and has passed on nothing.
    """
    try:
        yield from rows
    except ClientError as error:
        if error.response["Error"]["Code"] not in UNSEEN_CODES:
            raise


def list_filters(client: Any) -> FilterCells:
    """Every data cells filter of the account's catalog, as one line of columns and rows each."""
    found: FilterCells = {}
    for row in list_all_rows(client.list_data_cells_filter, "DataCellsFilters"):
        columns = row.get("ColumnNames") or ["*"]
        rule = row["RowFilter"].get("FilterExpression", "")
        found[row["DatabaseName"], row["TableName"], row["Name"]] = format_cells(columns, rule)
    return found


def find_leftover_filters(agreed: Iterable[ApprovedAccess], filters: FilterCells) -> set[str]:
    """Database, table and name of the portal's filters that no live grant needs."""
    needed = {line[3:6] for grant in agreed if grant.is_live for line in grant.list_lines()}
    ours = (key for key in filters if key[2].startswith(PORTAL_PREFIX))
    return {" ".join(key) for key in ours if (*key[:2], filters[key]) not in needed}


def _parse_row(row: PermissionRow, filters: FilterCells) -> Iterator[tuple[str, str, str]]:
    """Database, table and column of each thing that the row allows; what may be passed on besides, with its mark."""
    given = [(verb, "") for verb in row["Permissions"]]
    given += [(verb, OPTION_PREFIX) for verb in row.get("PermissionsWithGrantOption", ())]
    kind, where = next(iter(row["Resource"].items()))
    for verb, option in given:
        for database, table, column in _parse_resource(kind, where, verb, filters):
            yield database, table, f"{option}{column}"


def _parse_resource(
    kind: str, where: PermissionRow, verb: str, filters: FilterCells
) -> Iterator[tuple[str, str, str]]:
    if kind == "LFTagPolicy":
        expression = {pair["TagKey"]: pair["TagValues"] for pair in where.get("Expression", ())}
        yield format_tags(expression), "", f"{where['ResourceType']} {verb}"
    elif kind == "DataCellsFilter":
        place = where["DatabaseName"], where["TableName"]
        yield (
            *place,
            filters.get((*place, where["Name"]), f"{CELLS_PREFIX}of {where['Name']}, which no longer exists"),
        )
    elif kind == "Database":
        yield where["Name"], "", "" if verb == "DESCRIBE" else f"{OTHER_VERB_PREFIX}{verb}"
    else:
        name = "*" if "TableWildcard" in where else where.get("Name", "")
        place = where.get("DatabaseName", ""), "*" if name == "ALL_TABLES" else name
        columns = where.get("ColumnNames") or (ALL_COLUMNS_MARK,)
        if verb != "SELECT":
            columns = (DESCRIBE_MARK if verb == "DESCRIBE" else f"{OTHER_VERB_PREFIX}{verb}",)
        yield from ((*place, column) for column in columns)


@dataclass(frozen=True)
class AccessDifference:
    """`lost`: agreed and not held; `extra`: held and agreed by nobody; `duplicate`: held more than once.

    `redundant`: columns held on their own beside the whole table; no fault, as AWS keeps the two apart.
    """

    lost: frozenset[AccessLine]
    extra: frozenset[AccessLine]
    duplicate: frozenset[AccessLine]
    redundant: frozenset[AccessLine]


def compare_access(agreed: Iterable[ApprovedAccess], held: Mapping[AccessLine, int]) -> AccessDifference:
    lines = merge_lines(line for grant in agreed if grant.is_live for line in grant.list_lines())
    has = {one for one, count in held.items() if count}
    missing = {
        line
        for line in lines
        if line not in has and (is_whole_table(line) or to_whole_table(line) not in has)
    }
    covered = {
        one
        for one in has - lines
        if to_whole_table(one) in lines and not one[5].startswith(OTHER_VERB_PREFIX)
    }
    return AccessDifference(
        lost=frozenset(missing),
        extra=frozenset(has - lines - covered),
        duplicate=frozenset(one for one, count in held.items() if count > 1),
        redundant=frozenset(find_redundant_columns(has)),
    )


def find_contradictions(
    before: Iterable[ApprovedAccess], held: Mapping[AccessLine, int], after: Iterable[ApprovedAccess]
) -> dict[int, int | None]:
    """Intents, with their evidence, of which the portal said the same before and after AWS was read, and not so.

    *Present* without a column, or *absent* with one that nobody else may still hold.
    """
    then = {grant.intent: grant for grant in before}
    now = list(after)
    excused = {line for grant in now if not _is_still_absent(then, grant) for line in grant.list_lines()}
    has = {one for one, count in held.items() if count}
    return {
        grant.intent: grant.evidence
        for grant in now
        if then.get(grant.intent) == grant and _is_contradicted(grant, has, excused)
    }


def _is_still_absent(then: Mapping[int, ApprovedAccess], grant: ApprovedAccess) -> bool:
    return grant.is_proven_absent and then.get(grant.intent) == grant


def _is_contradicted(grant: ApprovedAccess, has: set[AccessLine], excused: set[AccessLine]) -> bool:
    mine = set(grant.list_lines())
    if grant.is_proven_absent:
        return any(one in has and one not in excused and to_whole_table(one) not in excused for one in mine)
    if not (grant.is_live and grant.is_proven and grant.presence == "present"):
        return False
    return any(one not in has and to_whole_table(one) not in has and not is_implied(one, has) for one in mine)


def describe_contradiction(grant: ApprovedAccess, held: Mapping[AccessLine, int]) -> str:
    """What the portal says of a grant beside what AWS has of it, in one line."""
    parts = (
        f"{' '.join(line[3:])}: {held.get(line, 0)} of {held.get(to_whole_table(line), 0)}"
        for line in grant.list_lines()
    )
    return f"intent {grant.intent} of {grant.holder} is {grant.presence} by round {grant.evidence}; {'; '.join(parts)}"


def list_unsettled(rows: Iterable[Registration]) -> list[Registration]:
    """Lists registrations that are not proven registered or ended."""
    return [row for row in rows if get_status(row) not in SETTLED]


def read_registrations() -> list[Registration]:
    return list(Registration.objects.select_related(*RELATED).order_by("pk"))


def find_missing(rows: Iterable[Registration], glue: Any, lake: Any) -> list[str]:
    """Tables that are not as approved, and verbs that a live registration's engineers lack."""
    held = _read_held(lake)
    return [
        f"{row}: {what}"
        for row in rows
        for what in [*_list_table_faults(row, glue), *_list_lacking_verbs(row, held)]
    ]


def find_surplus(rows: Iterable[Registration], lake: Any) -> list[str]:
    """What anybody holds on the registered databases and their tables beyond the live registrations."""
    found = list(rows)
    databases = {row.database for row in found}
    allowed: dict[Holding, set[str]] = {}
    for row in filter(_is_live, found):
        allowed[row.database, row.table, row.engineer.arn] = set(WRITE_VERBS)
        allowed[row.database, "", row.engineer.arn] = {DESCRIBE}
    return [
        f"{principal} holds {', '.join(sorted(verbs))} on {database}.{table}"
        for (database, table, principal), held in sorted(_read_held(lake).items())
        if database in databases and (verbs := held - allowed.get((database, table, principal), set()))
    ]


def _is_live(row: Registration) -> bool:
    return row.state == DecisionState.APPROVED


def _list_table_faults(row: Registration, glue: Any) -> Iterator[str]:
    try:
        table = glue.get_table(CatalogId=GOVERNANCE, DatabaseName=row.database, Name=row.table)["Table"]
    except ClientError as error:
        # One that ended before it was made is not made any more.
        if _is_live(row):
            yield error.response["Error"]["Code"]
        return
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    if columns != [(column["name"], column["type"]) for column in row.columns]:
        yield "other columns"
    if table["StorageDescriptor"]["Location"].rstrip("/") != row.location.rstrip("/"):
        yield "another location"


def _list_lacking_verbs(row: Registration, held: dict[Holding, set[str]]) -> Iterator[str]:
    has = held.get((row.database, row.table, row.engineer.arn), set())
    if _is_live(row) and (lacking := set(WRITE_VERBS) - has):
        yield f"its engineers lack {', '.join(sorted(lacking))}"


def _read_held(lake: Any) -> dict[Holding, set[str]]:
    found: dict[Holding, set[str]] = {}
    for row in list_permission_rows(lake, GOVERNANCE):
        on = next(iter(row["Resource"].values()))
        place = (
            on.get("DatabaseName", on.get("Name", "")),
            on.get("Name", "") if "DatabaseName" in on else "",
        )
        holder = row["Principal"]["DataLakePrincipalIdentifier"]
        found.setdefault((*place, holder), set()).update(row["Permissions"])
    return found
