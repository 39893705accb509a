"""What must be true by the approvals: grants, and what accounts passed on of theirs, read by SQL alone.

What LF-Tags reach is evaluated here anew, on the mirror's tags in force. Nothing of the engine is used.

`who` is an ARN, an account's number for what it may pass on, or `ARN by account` for what that account passed on. Without
a table it is DESCRIBE on the database; the column `*` is a whole table, with columns yet to come; `?` is DESCRIBE on a
table; the table `*` is every table of the database; `cells …` are columns in the rows of a data cells filter, in one line. A `+` before it: it may be passed on.
By LF-Tags, the expression stands for the database, the half with its verb for the column.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import psycopg

from tools.environment.worker_environment import WorkerEnvironment

READ_GRANTS = """
SELECT i.id, i.presence, i.generation = i.proven_generation, i.evidence_id, i.failure, i.usable,
       g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now(), g.ends_at,
       a.account_id, c.region, p.arn, '', p.arn = p.unique_id, d.name,
       CASE WHEN item.whole_database THEN '*' ELSE t.name END, item.row_filter, item.metadata_only,
       item.whole_table,
       ARRAY(SELECT k.name FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key AND k.name = ANY (item.columns)), item.tags
  FROM requests_grant g
  JOIN fulfilment_intent i ON i.id = g.intent_id
  JOIN requests_requestitem item ON item.id = g.item_id
  JOIN identity_principal p ON p.id = g.principal_id
  JOIN catalog_table t ON t.id = item.table_id
  JOIN catalog_database d ON d.id = t.database_id
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 WHERE i.id > %(after)s OR g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now()
    OR NOT (i.presence = 'absent' AND i.generation = i.proven_generation)
 ORDER BY i.id
"""
# A subgrant lives as long as its account grant. Under a row filter the cells are passed on as they are.
READ_SUBGRANTS = """
SELECT i.id, i.presence, i.generation = i.proven_generation, i.evidence_id, i.failure, i.usable,
       l.ended_at IS NULL AND m.removed_at IS NULL
       AND g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now(), g.ends_at,
       a.account_id, c.region, m.arn, receiver.account_id, false, d.name, t.name, item.row_filter, false,
       item.whole_table AND item.row_filter <> '',
       ARRAY(SELECT k.name FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key
                AND CASE item.row_filter WHEN '' THEN lower(k.name) = ANY (l.columns)
                    ELSE k.name = ANY (item.columns) END), '{}'::jsonb
  FROM requests_subgrantintent h
  JOIN requests_subgrant l ON l.id = h.subgrant_id
  JOIN identity_localmember m ON m.id = h.member_id
  JOIN fulfilment_intent i ON i.id = h.intent_id
  JOIN requests_grant g ON g.id = l.account_grant_id
  JOIN identity_principal p ON p.id = g.principal_id
  JOIN identity_account receiver ON receiver.id = p.account_id
  JOIN requests_requestitem item ON item.id = g.item_id
  JOIN catalog_table t ON t.id = item.table_id
  JOIN catalog_database d ON d.id = t.database_id
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 WHERE i.id > %(after)s OR l.ended_at IS NULL AND m.removed_at IS NULL AND g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now()
    OR NOT (i.presence = 'absent' AND i.generation = i.proven_generation)
 ORDER BY i.id
"""
READ_TAGS = """
SELECT a.account_id, c.region, d.name, d.tags, coalesce(t.name, ''), coalesce(t.tags, '{}'),
       ARRAY(SELECT jsonb_build_array(k.name, k.tags) FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key)
  FROM catalog_database d
  LEFT JOIN catalog_table t ON t.database_id = d.id AND t.tombstoned_at IS NULL
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 WHERE d.tombstoned_at IS NULL
"""
MAX_INTENT_ID = 2**63 - 1
"""No intent has a number above it."""
TagValues = Mapping[str, Sequence[str]]
AccessLine = tuple[str, str, str, str, str, str]
DESCRIBE_MARK, ALL_COLUMNS_MARK, CELLS_PREFIX, OPTION_PREFIX, OTHER_VERB_PREFIX = "?", "*", "cells ", "+", "!"
TAG_PERMISSIONS = ("DATABASE DESCRIBE", "TABLE SELECT", "TABLE DESCRIBE")
NAMES = ("catalog", "region", "principal", "database", "table", "column")


@dataclass(frozen=True)
class TagReach:
    """`columns` are those that fit, by database, table and name; `partial_databases` only have some."""

    columns: list[tuple[str, str, str]]
    partial_databases: list[str]


@dataclass(frozen=True)
class ApprovedAccess:
    """A grant, or a member's part of what was passed on, as the approval says; and what the portal says of it.

    `subgranting_account` passes it on; `is_account_grant`: it is given to an account. `reach` is of LF-Tags.
    """

    intent: int
    presence: str
    is_proven: bool
    evidence: int | None
    failure: str
    usable: bool | None
    is_live: bool
    ends_at: datetime
    account: str
    region: str
    arn: str
    subgranting_account: str
    is_account_grant: bool
    database: str
    table: str
    row_filter: str
    metadata_only: bool
    whole_table: bool
    columns: list[str]
    tags: dict[str, list[str]]
    reach: TagReach | None = None

    @property
    def holder(self) -> str:
        return format_subgrantee(self.arn, self.subgranting_account) if self.subgranting_account else self.arn

    @property
    def location(self) -> tuple[str, str, str]:
        return self.account, self.region, self.holder

    def list_lines(self) -> Iterator[AccessLine]:
        if self.reach is not None:
            yield from ((*self.location, format_tags(self.tags), "", half) for half in TAG_PERMISSIONS)
            yield from ((*self.location, database, "", "") for database in self.reach.partial_databases)
            return
        for option in ("", OPTION_PREFIX) if self.is_account_grant else ("",):
            yield *self.location, self.database, "", option
            for column in self._list_table_columns():
                yield *self.location, self.database, self.table, f"{option}{column}"

    def list_readable_columns(self) -> list[AccessLine]:
        """The columns of which its principal reads something, whatever the rows; an account itself reads nothing."""
        place = self.account, self.region, self.arn
        if self.is_account_grant:
            return []
        if self.reach is not None:
            return [(*place, *column) for column in self.reach.columns]
        return [(*place, self.database, self.table, column) for column in self._list_columns()]

    def _list_table_columns(self) -> list[str]:
        if self.metadata_only:
            return [DESCRIBE_MARK]
        return (
            [format_cells(self._list_columns(), self.row_filter)] if self.row_filter else self._list_columns()
        )

    def _list_columns(self) -> list[str]:
        return [] if self.metadata_only else [ALL_COLUMNS_MARK] if self.whole_table else self.columns

    @property
    def is_settled(self) -> bool:
        """Whether the portal has proven what the approval says."""
        return self.is_proven and self.presence == ("present" if self.is_live else "absent")

    @property
    def is_shown_usable(self) -> bool:
        return self.is_live and self.is_settled and self.usable is True

    @property
    def is_proven_absent(self) -> bool:
        return self.is_proven and self.presence == "absent"


def read_approved(address: str) -> list[ApprovedAccess]:
    """Every grant there is and all that was passed on, as the database at that address has it at one moment."""
    return read_open_approvals(address, after=0)


def read_open_approvals(address: str, *, after: int = MAX_INTENT_ID) -> list[ApprovedAccess]:
    """Reads those in force or not yet proven gone; and intents with a number above `after`, however they stand.

    What is left out wants nothing, and nothing of it is waited for: after thousands of grants that is nearly all.
    """
    with open_session(address) as session:
        return read_approvals_in(session, after=after)


def open_session(address: str) -> "psycopg.Connection[Any]":
    """For whoever reads again and again: to log in takes longer than to read. Each reading is of one moment."""
    session = psycopg.connect(address, connect_timeout=5)
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return session


def read_approvals_in(
    session: "psycopg.Connection[Any]", *, after: int = MAX_INTENT_ID
) -> list[ApprovedAccess]:
    """As `read_open_approvals`, in a session that stays."""
    asked = {"after": after}
    with session.transaction():
        rows = [ApprovedAccess(*row) for row in session.execute(READ_GRANTS, asked).fetchall()]
        rows += [ApprovedAccess(*row) for row in session.execute(READ_SUBGRANTS, asked).fetchall()]
        if not any(row.tags for row in rows):
            return rows
        tags = session.execute(READ_TAGS).fetchall()
    return [_add_reach(row, tags) if row.tags else row for row in rows]


def _add_reach(one: ApprovedAccess, tags: Iterable[tuple[Any, ...]]) -> ApprovedAccess:
    mine = [row[2:] for row in tags if row[:2] == (one.account, one.region)]
    return replace(one, reach=compute_reach(one.tags, mine))


def compute_reach(expression: TagValues, tables: Iterable[tuple[Any, ...]]) -> TagReach:
    """Takes tables as (database, its tags, table, its tags, columns with theirs), all tags in force."""
    columns, carrying, members = [], set(), set()
    for database, of_database, table, of_table, each in tables:
        if matches_tags(expression, of_database):
            carrying.add(database)
        found = [(database, table, name) for name, of_column in each if matches_tags(expression, of_column)]
        columns += found
        if found or (table and matches_tags(expression, of_table)):
            members.add(database)
    return TagReach(sorted(columns), sorted(members - carrying))


def matches_tags(expression: TagValues, tags: Mapping[str, str]) -> bool:
    """Every key with one of its values."""
    return all(tags.get(key) in values for key, values in expression.items())


def list_unproven(agreed: Iterable[ApprovedAccess]) -> list[ApprovedAccess]:
    """What the portal has not proven as the approval says."""
    return [grant for grant in agreed if not grant.is_settled]


def format_cells(columns: Iterable[str], rule: str) -> str:
    """What stands for the column where a data cells filter is held."""
    return f"{CELLS_PREFIX}{','.join(sorted(columns))} where {rule or 'all'}"


def format_subgrantee(arn: str, account: str) -> str:
    """Who holds what an account passed on."""
    return f"{arn} by {account}"


def format_tags(expression: Mapping[str, Sequence[str]]) -> str:
    """What stands for the database where LF-Tags are held; AWS folds and sorts them."""
    folded = {key.lower(): sorted(value.lower() for value in values) for key, values in expression.items()}
    return " ".join(["LF-Tags", *(f"{key}={'|'.join(folded[key])}" for key in sorted(folded))])


def to_whole_table(one: AccessLine) -> AccessLine:
    """What stands for a column as well; a database, DESCRIBE and the cells of a filter stand for themselves."""
    option = OPTION_PREFIX if one[5].startswith(OPTION_PREFIX) else ""
    column = one[5].removeprefix(OPTION_PREFIX)
    apart = not one[4] or column == DESCRIBE_MARK or column.startswith(CELLS_PREFIX)
    return one if apart else (*one[:5], f"{option}{ALL_COLUMNS_MARK}")


def is_whole_table(one: AccessLine) -> bool:
    return one[5].removeprefix(OPTION_PREFIX) == ALL_COLUMNS_MARK


def is_implied(one: AccessLine, has: Iterable[AccessLine]) -> bool:
    """Whether it is DESCRIBE on a table of which something can be read: that comes with any SELECT."""
    return one[5].removeprefix(OPTION_PREFIX) == DESCRIBE_MARK and any(
        other[:5] == one[:5]
        and other[5].removeprefix(OPTION_PREFIX)[:1] not in {DESCRIBE_MARK, OTHER_VERB_PREFIX}
        for other in has
    )


def find_redundant_columns(holdings: set[AccessLine]) -> set[AccessLine]:
    """Columns on their own beside the whole table."""
    return {
        holding
        for holding in holdings
        if not is_whole_table(holding)
        and to_whole_table(holding) != holding
        and to_whole_table(holding) in holdings
    }


def merge_lines(holdings: Iterable[AccessLine]) -> set[AccessLine]:
    """The union: single columns add nothing to a whole table, DESCRIBE nothing to what can be read."""
    every = set(holdings)
    return {one for one in every - find_redundant_columns(every) if not is_implied(one, every)}


def is_allowed(stage: WorkerEnvironment, line: AccessLine) -> bool:
    answer = stage.cloud.control(f"oracle?{urlencode(dict(zip(NAMES, line, strict=True)))}")
    return bool(answer["allowed"])


def list_columns(grants: Iterable[ApprovedAccess]) -> list[AccessLine]:
    """The named columns that these grants let their principals read."""
    return sorted(
        {
            readable_column
            for grant in grants
            for readable_column in grant.list_readable_columns()
            if readable_column[5] != ALL_COLUMNS_MARK
        }
    )


def list_shown_usable(grants: Iterable[ApprovedAccess]) -> list[ApprovedAccess]:
    """Lists those that the oracle can be asked about."""
    return [grant for grant in grants if grant.is_shown_usable and list_columns([grant])]


def is_denied(stage: WorkerEnvironment, grant: ApprovedAccess) -> bool:
    """Whether its principal cannot read the first of its columns."""
    return not is_allowed(stage, list_columns([grant])[0])
