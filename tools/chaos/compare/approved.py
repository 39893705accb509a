"""What must be true by the approvals: grants, and what accounts passed on of theirs, read by SQL alone.

What LF-Tags reach is evaluated here anew, on the mirror's tags in force. Nothing of the engine is used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg

from tools.chaos.compare.access_line import (
    DESCRIBED,
    EVERY,
    HALVES,
    OPTION,
    Holding,
    cells,
    passed_on,
    tagged,
)

GRANTED = """
SELECT i.id, i.presence, i.generation = i.proven_generation, i.evidence_id, i.failure,
       g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now(), g.ends_at,
       a.account_id, c.region, p.arn, '', p.arn = p.unique_id, d.name,
       CASE WHEN item.whole_database THEN '*' ELSE t.name END, item.row_rule, item.metadata_only,
       item.whole_table,
       ARRAY(SELECT k.name FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key AND k.name = ANY (item.columns)), item.tags
  FROM requests_grant g
  JOIN fulfilment_intent i ON i.id = g.intent_id
  JOIN requests_item item ON item.id = g.item_id
  JOIN identity_principal p ON p.id = g.principal_id
  JOIN catalog_table t ON t.id = item.table_id
  JOIN catalog_database d ON d.id = t.database_id
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 WHERE i.id > %(after)s OR g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now()
    OR NOT (i.presence = 'absent' AND i.generation = i.proven_generation)
 ORDER BY i.id
"""
# It lives as long as its envelope, and no longer. Of a row rule the cells are passed on as they are.
PASSED_ON = """
SELECT i.id, i.presence, i.generation = i.proven_generation, i.evidence_id, i.failure,
       l.ended_at IS NULL AND m.removed_at IS NULL
       AND g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now(), g.ends_at,
       a.account_id, c.region, m.arn, receiver.account_id, false, d.name, t.name, item.row_rule, false,
       item.whole_table AND item.row_rule <> '',
       ARRAY(SELECT k.name FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key
                AND CASE item.row_rule WHEN '' THEN lower(k.name) = ANY (l.columns)
                    ELSE k.name = ANY (item.columns) END), '{}'::jsonb
  FROM requests_localhold h
  JOIN requests_localgrant l ON l.id = h.local_grant_id
  JOIN identity_localmember m ON m.id = h.member_id
  JOIN fulfilment_intent i ON i.id = h.intent_id
  JOIN requests_grant g ON g.id = l.envelope_id
  JOIN identity_principal p ON p.id = g.principal_id
  JOIN identity_account receiver ON receiver.id = p.account_id
  JOIN requests_item item ON item.id = g.item_id
  JOIN catalog_table t ON t.id = item.table_id
  JOIN catalog_database d ON d.id = t.database_id
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 WHERE i.id > %(after)s OR l.ended_at IS NULL AND m.removed_at IS NULL AND g.ended_at IS NULL AND g.state = 'live' AND g.ends_at > meshmarket_now()
    OR NOT (i.presence = 'absent' AND i.generation = i.proven_generation)
 ORDER BY i.id
"""
TAGS = """
SELECT a.account_id, c.region, d.name, d.tags, coalesce(t.name, ''), coalesce(t.tags, '{}'),
       ARRAY(SELECT jsonb_build_array(k.name, k.tags) FROM catalog_column k
              WHERE k.table_id = t.id AND NOT k.is_partition_key)
  FROM catalog_database d
  LEFT JOIN catalog_table t ON t.database_id = d.id AND t.tombstoned_at IS NULL
  JOIN identity_connectedcatalog c ON c.id = d.catalog_id
  JOIN identity_account a ON a.id = c.account_id
 WHERE d.tombstoned_at IS NULL
"""

LAST = 2**63 - 1
"""No intent has a number above it."""
Expression = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Reach:
    """`columns` are those that fit, by database, table and name; `named` databases do not fit, and have some."""

    columns: list[tuple[str, str, str]]
    named: list[str]


@dataclass(frozen=True)
class Agreed:
    """A grant, or a member's part of what was passed on, as the approval says; and what the portal says of it.

    `through` is the account that passes it on; `is_envelope`: it is given to an account. `reach` is of LF-Tags.
    """

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
    through: str
    is_envelope: bool
    database: str
    table: str
    row_rule: str
    metadata_only: bool
    whole_table: bool
    columns: list[str]
    tags: dict[str, list[str]]
    reach: Reach | None = None

    @property
    def holder(self) -> str:
        return passed_on(self.arn, self.through) if self.through else self.arn

    @property
    def place(self) -> tuple[str, str, str]:
        return self.account, self.region, self.holder

    def holdings(self) -> Iterator[Holding]:
        if self.reach is not None:
            yield from ((*self.place, tagged(self.tags), "", half) for half in HALVES)
            yield from ((*self.place, database, "", "") for database in self.reach.named)
            return
        for option in ("", OPTION) if self.is_envelope else ("",):
            yield *self.place, self.database, "", option
            for column in self._on_table():
                yield *self.place, self.database, self.table, f"{option}{column}"

    def reads(self) -> list[Holding]:
        """The columns of which its principal reads something, whatever the rows; an account itself reads nothing."""
        place = self.account, self.region, self.arn
        if self.is_envelope:
            return []
        if self.reach is not None:
            return [(*place, *one) for one in self.reach.columns]
        return [(*place, self.database, self.table, column) for column in self._readable()]

    def _on_table(self) -> list[str]:
        if self.metadata_only:
            return [DESCRIBED]
        return [cells(self._readable(), self.row_rule)] if self.row_rule else self._readable()

    def _readable(self) -> list[str]:
        return [] if self.metadata_only else [EVERY] if self.whole_table else self.columns

    @property
    def is_settled(self) -> bool:
        """Whether the portal has proven what the approval says."""
        return self.is_proven and self.presence == ("present" if self.is_live else "absent")

    @property
    def is_said_gone(self) -> bool:
        return self.is_proven and self.presence == "absent"


def read_agreed(address: str) -> list[Agreed]:
    """Every grant there is and all that was passed on, as the database at that address has it at one moment."""
    return read_open(address, after=0)


def read_open(address: str, *, after: int = LAST) -> list[Agreed]:
    """Of them what is in force or not yet proven gone; and intents with a number above `after`, however they stand.

    What is left out wants nothing, and nothing of it is waited for: after thousands of grants that is nearly all.
    """
    with session_at(address) as session:
        return read_in(session, after=after)


def session_at(address: str) -> "psycopg.Connection[Any]":
    """For whoever reads again and again: to log in takes longer than to read. Each reading is of one moment."""
    session = psycopg.connect(address, connect_timeout=5)
    session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return session


def read_in(session: "psycopg.Connection[Any]", *, after: int = LAST) -> list[Agreed]:
    """As `read_open`, in a session that stays."""
    asked = {"after": after}
    with session.transaction():
        rows = [Agreed(*row) for row in session.execute(GRANTED, asked).fetchall()]
        rows += [Agreed(*row) for row in session.execute(PASSED_ON, asked).fetchall()]
        if not any(one.tags for one in rows):
            return rows
        tags = session.execute(TAGS).fetchall()
    return [_with_reach(one, tags) if one.tags else one for one in rows]


def _with_reach(one: Agreed, tags: Iterable[tuple[Any, ...]]) -> Agreed:
    mine = [row[2:] for row in tags if row[:2] == (one.account, one.region)]
    return replace(one, reach=reach_of(one.tags, mine))


def reach_of(expression: Expression, tables: Iterable[tuple[Any, ...]]) -> Reach:
    """Of tables as (database, its tags, table, its tags, columns with theirs), all tags in force."""
    columns, carrying, members = [], set(), set()
    for database, of_database, table, of_table, each in tables:
        if fits(expression, of_database):
            carrying.add(database)
        found = [(database, table, name) for name, of_column in each if fits(expression, of_column)]
        columns += found
        if found or (table and fits(expression, of_table)):
            members.add(database)
    return Reach(sorted(columns), sorted(members - carrying))


def fits(expression: Expression, tags: Mapping[str, str]) -> bool:
    """Every key with one of its values."""
    return all(tags.get(key) in values for key, values in expression.items())


def stuck(agreed: Iterable[Agreed]) -> list[Agreed]:
    """What the portal has not proven as the approval says."""
    return [grant for grant in agreed if not grant.is_settled]
