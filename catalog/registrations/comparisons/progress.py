"""Writes how a comparison goes on. Called by workers; each is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit.actions import record_event
from catalog.mirror.models import Table
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.states import (
    COMPARISON_TRANSITIONS,
    ComparisonProblem,
    ComparisonState,
)

ENGINE = "engine:comparisons"
MAX_NAMED_COLUMNS = 10
VERBS = {
    ComparisonState.SAME: "find_same_rows",
    ComparisonState.DIFFERENT: "find_different_rows",
    ComparisonState.UNKNOWN: "fail_row_comparison",
}


@dataclass(frozen=True)
class ComparisonResult:
    """The comparison of one file: its rows as the source and as the registered table read it, and the columns that differ."""

    source_rows: int
    table_rows: int
    differing_columns: Sequence[str]

    @property
    def is_same(self) -> bool:
        return self.source_rows == self.table_rows and not self.differing_columns


def mark_started(row: RowComparison, source: Table, execution: str, now: datetime) -> None:
    """`execution` looks for a file of the source."""
    row.state = COMPARISON_TRANSITIONS.check(row.state, ComparisonState.RUNNING)
    row.source, row.source_digest, row.execution, row.started_at = source, source.digest, execution, now
    row.save(update_fields=["state", "source", "source_digest", "execution", "started_at"])


def mark_compared(row: RowComparison, file: str, execution: str) -> None:
    """`execution` reads the file on both sides."""
    row.file, row.execution = file, execution
    row.save(update_fields=["file", "execution"])


def finish_comparison(row: RowComparison, result: ComparisonResult, now: datetime) -> None:
    """A difference is told to whoever requested the registration."""
    row.source_rows, row.table_rows = result.source_rows, result.table_rows
    row.differing_columns = list(result.differing_columns)
    _finish(
        row, ComparisonState.SAME if result.is_same else ComparisonState.DIFFERENT, _describe(result), now
    )


def fail_comparison(row: RowComparison, problem: ComparisonProblem, error: str, now: datetime) -> None:
    row.problem, row.error = problem, error
    _finish(row, ComparisonState.UNKNOWN, error or problem.value, now)


@transaction.atomic
def _finish(row: RowComparison, state: ComparisonState, reason: str, now: datetime) -> None:
    row.state, row.finished_at = COMPARISON_TRANSITIONS.check(row.state, state), now
    row.save(
        update_fields=[
            "state",
            "finished_at",
            "source_rows",
            "table_rows",
            "differing_columns",
            "problem",
            "error",
        ]
    )
    registration = row.registration
    data = {"comparison": row.pk, "what": str(registration), "reason": reason}
    if state == ComparisonState.DIFFERENT:
        data["people"] = [registration.requested_by_id]
    record_event(verb=VERBS[state], actor=ENGINE, subject=registration.subject, data=data, now=now)


def _describe(result: ComparisonResult) -> str:
    """In English, as all that is stored."""
    if result.source_rows != result.table_rows:
        return f"{result.table_rows} rows instead of {result.source_rows}"
    return f"columns {', '.join(result.differing_columns[:MAX_NAMED_COLUMNS])}"
