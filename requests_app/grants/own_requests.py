"""Requests of a person and their teams for some tables that are not decided or not applied yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from fulfilment.intents.models import Intent
from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.sql import prepared_cursor
from requests_app.access_requests.item_targets import (
    TARGET_KINDS,
    build_sql,
    list_data_conditions,
    list_single_table_conditions,
)
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.display_states.rules import GrantFacts, ItemFacts, get_grant_state, get_item_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.states import GrantState

# Each search runs it, and planning it anew would take longer than the rest. Whose requests it reads is what
# `access_requests.may.build_requester_filter` says. A grant of metadata, or to an account, gives nobody the data.
_OPEN = ", ".join(f"'{state}'" for state in OPEN_ITEM_STATES)
_Presence = Intent.Presence


@cache
def _build_statement() -> str:
    single = build_sql(list_single_table_conditions(), "i")
    data = build_sql(list_data_conditions(), "i")
    further = "".join(
        f"""
  UNION ALL
  SELECT wanted.id, i.id FROM requests_requestitem i JOIN catalog_table example ON example.id = i.table_id
  JOIN wanted ON {kind.wanted_sql} WHERE i.state IN ({_OPEN}) AND NOT ({build_sql([kind.column], "i")})"""  # noqa: S608
        for kind in TARGET_KINDS
        if kind.column and kind.wanted_sql
    )
    return f"""
WITH wanted AS MATERIALIZED (
  SELECT id, database_id FROM catalog_table WHERE id = ANY(%(tables)s)
), named AS (
  SELECT wanted.id AS table_id, i.id AS item_id FROM wanted JOIN requests_requestitem i ON i.table_id = wanted.id
  WHERE i.state IN ({_OPEN}) AND {single}{further}
  UNION ALL
  SELECT wanted.id, i.id FROM wanted JOIN requests_grant g ON g.table_id = wanted.id
  JOIN requests_requestitem i ON i.id = g.item_id JOIN fulfilment_intent n ON n.id = g.intent_id
  JOIN identity_principal p ON p.id = g.principal_id JOIN identity_account a ON a.id = p.account_id
  WHERE a.team_id = ANY(%(teams)s) AND p.arn <> p.unique_id AND g.state = '{GrantState.LIVE}' AND g.ends_at > meshmarket_now()
    AND {data} AND {single}
    AND NOT (n.presence = '{_Presence.STALE}' AND n.proven_generation = n.generation)
    AND NOT (n.presence = '{_Presence.PRESENT}' AND n.proven_generation = n.generation)
)
SELECT DISTINCT ON (named.table_id) named.table_id, i.request_id, i.id, r.submitted_at, i.state,
  b.domain_id IS NOT NULL OR i.product_id IS NOT NULL, coalesce(successor.is_active, requester.is_active), i.agreed_hash <> '',
  coalesce(n.presence, ''), coalesce(n.proven_generation = n.generation, false), n.usable, coalesce(n.failure, '')
FROM named JOIN requests_requestitem i ON i.id = named.item_id
JOIN catalog_table t ON t.id = i.table_id JOIN catalog_database b ON b.id = t.database_id
JOIN requests_accessrequest r ON r.id = i.request_id
JOIN identity_person requester ON requester.id = r.requester_id
LEFT JOIN identity_person successor ON successor.id = r.taken_over_by_id
JOIN identity_principal p ON p.id = r.principal_id JOIN identity_account a ON a.id = p.account_id
LEFT JOIN requests_grant g ON g.item_id = i.id LEFT JOIN fulfilment_intent n ON n.id = g.intent_id
WHERE %(person)s IN (i.requester_id, r.taken_over_by_id) OR r.team_id = ANY(%(teams)s) OR a.team_id = ANY(%(teams)s)
ORDER BY named.table_id, i.state IN ({_OPEN}) DESC, i.id DESC"""  # noqa: S608


@dataclass(frozen=True)
class OwnRequest:
    """`is_waiting`: it is not decided yet."""

    request_id: int
    item_id: int
    requested_at: datetime
    is_waiting: bool
    display_state: DisplayState


class _Row(NamedTuple):
    table_id: int
    request_id: int
    item_id: int
    requested_at: datetime
    state: str
    has_owner: bool
    is_requester_active: bool
    is_partly_approved: bool
    presence: str
    is_proven: bool
    usable: bool | None
    failure: str

    @property
    def is_waiting(self) -> bool:
        return self.state in OPEN_ITEM_STATES

    @property
    def display_state(self) -> DisplayState:
        if self.is_waiting:
            facts = ItemFacts(self.state, self.has_owner, self.is_requester_active, self.is_partly_approved)
            return get_item_state(facts)
        is_justified = not self.failure.startswith(Intent.UNJUSTIFIED)
        return get_grant_state(
            GrantFacts(self.presence, self.is_proven, self.usable, self.failure, is_justified=is_justified)
        )


def find_own_requests(person: Person, tables: Collection[int]) -> dict[int, OwnRequest]:
    """By table, the newest request for it or its whole database that is not decided; without one, the newest approved one whose
    grant of its data is not in AWS yet. One query.
    """
    if not tables:
        return {}
    parameters: dict[str, int | list[int]] = {
        "tables": sorted(tables),
        "teams": sorted(get_team_ids(person)),
        "person": person.pk,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_build_statement(), parameters)
        rows = [_Row(*columns) for columns in cursor.fetchall()]
    return {
        row.table_id: OwnRequest(
            row.request_id, row.item_id, row.requested_at, row.is_waiting, row.display_state
        )
        for row in rows
    }
