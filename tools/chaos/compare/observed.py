"""What is, beside what must be: permissions read by boto3, compared with approvals; nothing of the engine is used."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.chaos.compare.access_line import (
    CELLS,
    DESCRIBED,
    EVERY,
    OPTION,
    OTHER_VERB,
    Holding,
    beside_whole,
    cells,
    is_implied,
    is_whole,
    merged,
    passed_on,
    tagged,
    whole,
)
from tools.chaos.compare.approved import Agreed

Clients = Callable[[str, str], Any]
"""A Lake Formation client as root of the account, in the region."""
Filters = dict[tuple[str, str, str], str]
"""Columns and rows of data cells filters in one line, by database, table and name."""
Row = Mapping[str, Any]
OURS = "meshmarket_"


def read_held(clients: Clients, catalogs: Iterable[tuple[str, str]], holders: set[str]) -> Counter[Holding]:
    """How many rows of AWS give each holding to one of the holders; anything unforeseen has its verb as column.

    What an account passed on stands in its own list of the owner's catalog, beside what it was given.
    """
    found: Counter[Holding] = Counter()
    passing = {holder.rpartition(" by ")[2] for holder in holders if " by " in holder}
    for account, region in catalogs:
        filters = filters_of(clients(account, region))
        for through in ("", *sorted(passing)):
            rows = rows_of(clients(through or account, region), account, filters)
            of_one = ((_holder(row, through), row) for row in rows)
            mine = (
                (account, region, who, *what)
                for who, row in of_one
                if who in holders
                for what in _said(row, filters)
            )
            found.update(mine)
    return found


def _holder(row: Row, through: str) -> str:
    """Who holds what a row says; what an account was given itself is told by its owner."""
    arn = str(row["Principal"]["DataLakePrincipalIdentifier"])
    if not through:
        return arn
    return "" if arn == through else passed_on(arn, through)


def rows_of(client: Any, account: str, filters: Filters) -> Iterator[Row]:
    """All that the client is told of the account's catalog; a table's rows on filters come in no other listing."""
    yield from permission_rows(client, account)
    for database, table in sorted({key[:2] for key in filters}):
        named = {"CatalogId": account, "DatabaseName": database, "Name": table}
        rows = permission_rows(client, account, named)
        yield from (row for row in rows if "DataCellsFilter" in row["Resource"])


def permission_rows(
    client: Any, account: str, table: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Every row that the account's catalog holds, or those of one table with its filters, as AWS shapes them."""
    asked: dict[str, Any] = {"CatalogId": account}
    if table:
        asked |= {"Resource": {"Table": table}, "IncludeRelated": "TRUE"}
    return every_row(client.list_permissions, "PrincipalResourcePermissions", **asked)


def every_row(read: Any, rows: str, **asked: Any) -> Iterator[dict[str, Any]]:
    """Of all pages of a list, by whatever client's method."""
    while True:
        page = read(**asked)
        yield from page[rows]
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def filters_of(client: Any) -> Filters:
    """Every data cells filter of the account's catalog, as one line of columns and rows each."""
    found: Filters = {}
    for one in every_row(client.list_data_cells_filter, "DataCellsFilters"):
        columns = one.get("ColumnNames") or ["*"]
        rule = one["RowFilter"].get("FilterExpression", "")
        found[one["DatabaseName"], one["TableName"], one["Name"]] = cells(columns, rule)
    return found


def left_over(agreed: Iterable[Agreed], filters: Filters) -> set[str]:
    """Database, table and name of the portal's filters that no live grant needs."""
    needed = {one[3:6] for grant in agreed if grant.is_live for one in grant.holdings()}
    ours = (key for key in filters if key[2].startswith(OURS))
    return {" ".join(key) for key in ours if (*key[:2], filters[key]) not in needed}


def _said(row: Row, filters: Filters) -> Iterator[tuple[str, str, str]]:
    """Database, table and column of each thing that the row allows; what may be passed on besides, with its mark."""
    given = [(verb, "") for verb in row["Permissions"]]
    given += [(verb, OPTION) for verb in row.get("PermissionsWithGrantOption", ())]
    kind, where = next(iter(row["Resource"].items()))
    for verb, option in given:
        for database, table, column in _allowed(kind, where, verb, filters):
            yield database, table, f"{option}{column}"


def _allowed(kind: str, where: Row, verb: str, filters: Filters) -> Iterator[tuple[str, str, str]]:
    if kind == "LFTagPolicy":
        expression = {pair["TagKey"]: pair["TagValues"] for pair in where.get("Expression", ())}
        yield tagged(expression), "", f"{where['ResourceType']} {verb}"
    elif kind == "DataCellsFilter":
        place = where["DatabaseName"], where["TableName"]
        yield (
            *place,
            filters.get((*place, where["Name"]), f"{CELLS}of {where['Name']}, which no longer exists"),
        )
    elif kind == "Database":
        yield where["Name"], "", "" if verb == "DESCRIBE" else f"{OTHER_VERB}{verb}"
    else:
        name = "*" if "TableWildcard" in where else where.get("Name", "")
        place = where.get("DatabaseName", ""), "*" if name == "ALL_TABLES" else name
        columns = where.get("ColumnNames") or (EVERY,)
        if verb != "SELECT":
            columns = (DESCRIBED if verb == "DESCRIBE" else f"{OTHER_VERB}{verb}",)
        yield from ((*place, column) for column in columns)


@dataclass(frozen=True)
class Difference:
    """`lost`: agreed and not held; `extra`: held and agreed by nobody; `duplicate`: held more than once.

    `beside`: columns held on their own beside the whole table; no fault, as AWS keeps the two apart.
    """

    lost: frozenset[Holding]
    extra: frozenset[Holding]
    duplicate: frozenset[Holding]
    beside: frozenset[Holding]


def compare(agreed: Iterable[Agreed], held: Mapping[Holding, int]) -> Difference:
    wanted = merged(one for grant in agreed if grant.is_live for one in grant.holdings())
    has = {one for one, count in held.items() if count}
    missing = {one for one in wanted if one not in has and (is_whole(one) or whole(one) not in has)}
    covered = {one for one in has - wanted if whole(one) in wanted and not one[5].startswith(OTHER_VERB)}
    return Difference(
        lost=frozenset(missing),
        extra=frozenset(has - wanted - covered),
        duplicate=frozenset(one for one, count in held.items() if count > 1),
        beside=frozenset(beside_whole(has)),
    )


def contradicted(
    before: Iterable[Agreed], held: Mapping[Holding, int], after: Iterable[Agreed]
) -> dict[int, int | None]:
    """Intents, with their evidence, of which the portal said the same before and after AWS was read, and not so.

    *Present* without a column, or *absent* with one that nobody else may still hold.
    """
    then = {grant.intent: grant for grant in before}
    now = list(after)
    excused = {one for grant in now if not _same_gone(then, grant) for one in grant.holdings()}
    has = {one for one, count in held.items() if count}
    return {
        grant.intent: grant.evidence
        for grant in now
        if then.get(grant.intent) == grant and _is_wrong(grant, has, excused)
    }


def _same_gone(then: Mapping[int, Agreed], grant: Agreed) -> bool:
    return grant.is_said_gone and then.get(grant.intent) == grant


def _is_wrong(grant: Agreed, has: set[Holding], excused: set[Holding]) -> bool:
    mine = set(grant.holdings())
    if grant.is_said_gone:
        return any(one in has and one not in excused and whole(one) not in excused for one in mine)
    if not (grant.is_live and grant.is_proven and grant.presence == "present"):
        return False
    return any(one not in has and whole(one) not in has and not is_implied(one, has) for one in mine)


def told_otherwise(grant: Agreed, held: Mapping[Holding, int]) -> str:
    """What the portal says of a grant beside what AWS has of it, in one line."""
    parts = (
        f"{' '.join(one[3:])}: {held.get(one, 0)} of {held.get(whole(one), 0)}" for one in grant.holdings()
    )
    return f"intent {grant.intent} of {grant.holder} is {grant.presence} by round {grant.evidence}; {'; '.join(parts)}"
