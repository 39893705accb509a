"""What must be true, and what is: decisions read by SQL, permissions read by boto3; nothing of the engine is used.

A holding is one line of what a principal may do: (owner account, region, ARN, database, table, column). Without a
table it is DESCRIBE on the database; the column `*` is a whole table, with columns yet to come; `?` is DESCRIBE on a table;
`cells …` are columns in the rows of a data cells filter, in one line.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

Holding = tuple[str, str, str, str, str, str]
Clients = Callable[[str, str], Any]
"""A Lake Formation client as root of the account, in the region."""
Filters = dict[tuple[str, str, str], str]
"""Columns and rows of data cells filters in one line, by database, table and name."""
OURS = "meshmarket_"

AGREED = """
SELECT i.id, i.presence, i.generation = i.proven_generation, i.evidence_id, i.failure,
       g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now(), g.ends_at,
       a.account_id, c.region, p.arn, d.name, t.name, item.row_rule, item.metadata_only, item.whole_table,
       ARRAY(SELECT k.name FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key AND k.name = ANY (item.columns))
  FROM requests_grant g
  JOIN fulfilment_intent i ON i.id = g.intent_id
  JOIN requests_item item ON item.id = g.item_id
  JOIN requests_accessrequest r ON r.id = item.request_id
  JOIN identity_principal p ON p.id = r.principal_id
  JOIN catalog_table t ON t.id = item.table_id
  JOIN catalog_database d ON d.id = t.database_id
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 ORDER BY i.id
"""


DESCRIBED, CELLS = "?", "cells "


def cells(columns: Iterable[str], rule: str) -> str:
    """What stands for the column where a data cells filter is held."""
    return f"{CELLS}{','.join(sorted(columns))} where {rule or 'all'}"


@dataclass(frozen=True)
class Agreed:
    """A grant as the approval says, and what the portal says of it."""

    intent: int
    presence: str
    is_proven: bool
    evidence: int | None
    failure: str
    is_live: bool
    ends_at: datetime
    account: str
    region: str
    arn: str
    database: str
    table: str
    row_rule: str
    metadata_only: bool
    whole_table: bool
    columns: list[str]

    def holdings(self) -> Iterator[Holding]:
        yield self.account, self.region, self.arn, self.database, "", ""
        on_table = self.readable()
        if self.metadata_only:
            on_table = [DESCRIBED]
        elif self.row_rule:
            on_table = [cells(on_table, self.row_rule)]
        for column in on_table:
            yield self.account, self.region, self.arn, self.database, self.table, column

    def reads(self) -> list[Holding]:
        """The columns of which it reads something, whatever the rows."""
        place = self.account, self.region, self.arn, self.database, self.table
        return [(*place, column) for column in self.readable()]

    def readable(self) -> list[str]:
        """Columns of which the principal can read something; `*` for all."""
        return [] if self.metadata_only else ["*"] if self.whole_table else self.columns

    @property
    def is_settled(self) -> bool:
        """Whether the portal has proven what the approval says."""
        return self.is_proven and self.presence == ("present" if self.is_live else "absent")

    @property
    def is_said_gone(self) -> bool:
        return self.is_proven and self.presence == "absent"


def read_agreed(address: str) -> list[Agreed]:
    """Every grant there is, as the database at that address has it in one statement."""
    with psycopg.connect(address, connect_timeout=5) as connection:
        rows = connection.execute(AGREED).fetchall()
    return [Agreed(*row) for row in rows]


def read_held(
    clients: Clients, catalogs: Iterable[tuple[str, str]], principals: set[str]
) -> Counter[Holding]:
    """How many rows of AWS give each holding to one of the principals; anything unforeseen has its verb as column."""
    found: Counter[Holding] = Counter()
    for account, region in catalogs:
        client = clients(account, region)
        filters = filters_of(client)
        for row in (*permission_rows(client, account), *_rows_on(client, account, filters)):
            arn = row["Principal"]["DataLakePrincipalIdentifier"]
            if arn in principals:
                found.update((account, region, arn, *what) for what in _said(row, filters))
    return found


def permission_rows(
    client: Any, account: str, table: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Every row that the account's catalog holds, or those of one table with its filters, as AWS shapes them."""
    asked: dict[str, Any] = {"CatalogId": account}
    if table:
        asked |= {"Resource": {"Table": table}, "IncludeRelated": "TRUE"}
    while True:
        page = client.list_permissions(**asked)
        yield from page["PrincipalResourcePermissions"]
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def filters_of(client: Any) -> Filters:
    """Every data cells filter of the account's catalog, as one line of columns and rows each."""
    found: Filters = {}
    asked: dict[str, Any] = {}
    while True:
        page = client.list_data_cells_filter(**asked)
        for one in page["DataCellsFilters"]:
            columns = one.get("ColumnNames") or ["*"]
            rule = one["RowFilter"].get("FilterExpression", "")
            found[one["DatabaseName"], one["TableName"], one["Name"]] = cells(columns, rule)
        if not page.get("NextToken"):
            return found
        asked["NextToken"] = page["NextToken"]


def left_over(agreed: Iterable[Agreed], filters: Filters) -> set[str]:
    """Database, table and name of the portal's filters that no live grant needs."""
    needed = {one[3:6] for grant in agreed if grant.is_live for one in grant.holdings()}
    ours = (key for key in filters if key[2].startswith(OURS))
    return {" ".join(key) for key in ours if (*key[:2], filters[key]) not in needed}


def _rows_on(client: Any, account: str, filters: Filters) -> Iterator[dict[str, Any]]:
    """A table's rows on filters come in no other listing."""
    for database, table in sorted({key[:2] for key in filters}):
        named = {"CatalogId": account, "DatabaseName": database, "Name": table}
        rows = permission_rows(client, account, named)
        yield from (row for row in rows if "DataCellsFilter" in row["Resource"])


def _said(row: Mapping[str, Any], filters: Filters) -> Iterator[tuple[str, str, str]]:
    """Database, table and column of each thing that the row allows."""
    kind, where = next(iter(row["Resource"].items()))
    if kind == "DataCellsFilter":
        place = where["DatabaseName"], where["TableName"]
        yield *place, filters.get((*place, where["Name"]), f"{CELLS}of {where['Name']}, which is gone")
        return
    database, table = where.get("DatabaseName", where.get("Name", "")), where.get("Name", "*")
    if kind == "Database":
        table = ""
    for verb in row["Permissions"]:
        if verb == "SELECT":
            yield from ((database, table, column) for column in where.get("ColumnNames") or ("*",))
        elif kind == "Database" and verb == "DESCRIBE":
            yield database, "", ""
        else:
            yield database, table, DESCRIBED if verb == "DESCRIBE" else f"!{verb}"
    for verb in row.get("PermissionsWithGrantOption", ()):
        yield database, table, f"!{verb} with grant option"


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
    missing = {one for one in wanted if one not in has and _whole(one) not in has}
    covered = {one for one in has - wanted if _whole(one) in wanted and not one[5].startswith("!")}
    return Difference(
        lost=frozenset(missing | {one for one in wanted if one[5] == "*" and one not in has}),
        extra=frozenset(has - wanted - covered),
        duplicate=frozenset(one for one, count in held.items() if count > 1),
        beside=frozenset(_beside_whole(has)),
    )


def merged(holdings: Iterable[Holding]) -> set[Holding]:
    """The union: single columns add nothing to a whole table, DESCRIBE nothing to what can be read."""
    every = set(holdings)
    return {one for one in every - {*_beside_whole(every)} if not _implied(one, every)}


def _beside_whole(holdings: set[Holding]) -> Iterator[Holding]:
    return (one for one in holdings if one[5] != "*" and _whole(one) != one and _whole(one) in holdings)


def _whole(holding: Holding) -> Holding:
    """What stands for a column as well; a database, DESCRIBE and the cells of a filter stand for themselves."""
    apart = not holding[4] or holding[5] == DESCRIBED or holding[5].startswith(CELLS)
    return holding if apart else (*holding[:5], "*")


def _implied(one: Holding, has: Iterable[Holding]) -> bool:
    """Whether it is DESCRIBE on a table of which something can be read: that comes with any SELECT."""
    return one[5] == DESCRIBED and any(
        other[:5] == one[:5] and other[5][:1] not in {DESCRIBED, "!"} for other in has
    )


def stuck(agreed: Iterable[Agreed]) -> list[Agreed]:
    """Grants of which the portal has not proven what the approval says."""
    return [grant for grant in agreed if not grant.is_settled]


def contradicted(
    before: Iterable[Agreed], held: Mapping[Holding, int], after: Iterable[Agreed]
) -> dict[int, int | None]:
    """Intents, with their evidence, of which the portal said the same before and after AWS was read, and not so.

    *Present* without a column, or *absent* with one that nobody else may still hold.
    """
    then = {grant.intent: grant for grant in before}
    now = list(after)
    excused = merged(one for grant in now if not _same_gone(then, grant) for one in grant.holdings())
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
        return any(one in has and one not in excused and _whole(one) not in excused for one in mine)
    if not (grant.is_live and grant.is_proven and grant.presence == "present"):
        return False
    return any(one not in has and _whole(one) not in has and not _implied(one, has) for one in mine)
