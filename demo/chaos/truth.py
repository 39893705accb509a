"""What must be true, and what is: decisions read by SQL, permissions read by boto3; nothing of the engine is used.

A holding is one line of what a principal may do: (owner account, region, ARN, database, table, column). Without a
table it is DESCRIBE on the database; the column `*` is a whole table, with columns yet to come.
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

AGREED = """
SELECT i.id, i.presence, i.generation = i.proven_generation, i.evidence_id, i.failure,
       g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now(), g.ends_at,
       a.account_id, c.region, p.arn, d.name, t.name, item.whole_table,
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
    whole_table: bool
    columns: list[str]

    def holdings(self) -> Iterator[Holding]:
        yield self.account, self.region, self.arn, self.database, "", ""
        for column in ("*",) if self.whole_table else self.columns:
            yield self.account, self.region, self.arn, self.database, self.table, column

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
        for row in permission_rows(clients(account, region), account):
            arn = row["Principal"]["DataLakePrincipalIdentifier"]
            if arn in principals:
                found.update((account, region, arn, *what) for what in _said(row))
    return found


def permission_rows(client: Any, account: str) -> Iterator[dict[str, Any]]:
    """Every row that the account's catalog holds, as AWS shapes it."""
    asked: dict[str, Any] = {"CatalogId": account}
    while True:
        page = client.list_permissions(**asked)
        yield from page["PrincipalResourcePermissions"]
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _said(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Database, table and column of each thing that the row allows."""
    kind, where = next(iter(row["Resource"].items()))
    database, table = where.get("DatabaseName", where.get("Name", "")), where.get("Name", "*")
    if kind == "Database":
        table = ""
    for verb in row["Permissions"]:
        if verb == "SELECT":
            yield from ((database, table, column) for column in where.get("ColumnNames") or ("*",))
        elif kind == "Database" and verb == "DESCRIBE":
            yield database, "", ""
        elif verb != "DESCRIBE":
            yield database, table, f"!{verb}"
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
    """The union: single columns add nothing to a whole table."""
    every = set(holdings)
    return every - {*_beside_whole(every)}


def _beside_whole(holdings: set[Holding]) -> Iterator[Holding]:
    return (one for one in holdings if one[5] not in {"*", ""} and _whole(one) in holdings)


def _whole(holding: Holding) -> Holding:
    return (*holding[:5], "*") if holding[4] else holding


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
    return any(one not in has and _whole(one) not in has for one in mine)
