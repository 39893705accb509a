"""A table that was created again as its page shows it: what differs, and what a decision does to each grant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime

from identity.people.models import Person
from kernel.verdicts import Verdict
from portal.products.schema_history import HistoryLine, build_history_line
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import RECREATED_TABLE_STATES
from requests_app.grants.models import Grant
from requests_app.recreated_tables.comparison import Comparison, GrantComparison
from requests_app.recreated_tables.may import may_keep_grant, may_keep_recreated_table
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.queries import compare_left_grants, list_kept_grants
from requests_app.recreated_tables.states import RecreatedTableState


@dataclass(frozen=True)
class RecreatedTableRow:
    recreated_table: RecreatedTable

    @property
    def state(self) -> RecreatedTableState:
        return RecreatedTableState(self.recreated_table.state)

    @property
    def display_state(self) -> DisplayState:
        return RECREATED_TABLE_STATES[self.state]

    @property
    def created_by(self) -> str:
        """The ARN of a role, its session or a user; empty where Glue does not say."""
        return self.recreated_table.table.created_by

    @property
    def created_at(self) -> datetime | None:
        return parse_datetime(self.recreated_table.table.glue_created_at)


@dataclass(frozen=True)
class GrantRow:
    """A grant in an open decision. `obstacles`: it ends when the others are kept; `waits`: why it stays undecided."""

    grant: Grant
    obstacles: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecreatedTableDetails:
    """`kept` has grants that are bound to the table already."""

    row: RecreatedTableRow
    comparison: Comparison | None
    differences: tuple[HistoryLine, ...]
    keepable: tuple[GrantRow, ...]
    differing: tuple[GrantRow, ...]
    waiting: tuple[GrantRow, ...]
    kept: tuple[Grant, ...]
    may_decide: Verdict

    @property
    def is_open(self) -> bool:
        return self.comparison is not None

    @property
    def grant_count(self) -> int:
        return len(self.keepable) + len(self.differing) + len(self.waiting)


def build_recreated_table_details(person: Person, row: RecreatedTable) -> RecreatedTableDetails:
    """Of one from `get_recreated_table`."""
    is_open = row.state == RecreatedTableState.OPEN
    comparison = compare_left_grants(row) if is_open else None
    rows = _build_grant_rows(person, row, comparison.grants if comparison else ())
    return RecreatedTableDetails(
        row=RecreatedTableRow(row),
        comparison=comparison,
        differences=tuple(
            build_history_line(change.to_json()) for change in (comparison.changes if comparison else ())
        ),
        keepable=tuple(one for one in rows if not (one.obstacles or one.waits)),
        differing=tuple(one for one in rows if one.obstacles and not one.waits),
        waiting=tuple(one for one in rows if one.waits),
        kept=tuple(list_kept_grants(row)),
        may_decide=may_keep_recreated_table(person, row),
    )


def _build_grant_rows(
    person: Person, row: RecreatedTable, compared: Sequence[GrantComparison]
) -> list[GrantRow]:
    is_decider = bool(may_keep_recreated_table(person, row))
    rows = []
    for one in compared:
        verdict = may_keep_grant(person, one.grant, row.table) if is_decider else None
        refused = (verdict.reason,) if verdict is not None and not verdict else ()
        rows.append(GrantRow(one.grant, one.obstacles, (*one.blockers, *refused)))
    return rows
