"""Counts rounds in memory, by kind of scope and outcome, and stores the counts periodically."""

from django.db import connection

from fulfilment.health.models import RoundTotal
from kernel.duration_counter import CountRow, DurationCounter, list_columns
from workers.engine.round_records import RoundResult

ADD_TO_TOTALS = """
INSERT INTO fulfilment_roundtotal AS t (kind, outcome, rounds, seconds)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::float8[])
ON CONFLICT (kind, outcome) DO UPDATE SET rounds = t.rounds + excluded.rounds, seconds = t.seconds + excluded.seconds
"""


def classify_round(result: RoundResult) -> RoundTotal.Outcome:
    if result.has_failed:
        return RoundTotal.Outcome.FAILED
    if result.has_converged:
        return RoundTotal.Outcome.CONVERGED
    if result.is_too_early or result.is_unreachable or result.awaits_refusal_retry:
        return RoundTotal.Outcome.WAITING
    return RoundTotal.Outcome.SENT


def _add_to_totals(rows: list[CountRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_TO_TOTALS, list_columns(rows))


_counter = DurationCounter(_add_to_totals)
count_round = _counter.count
write_round_counts = _counter.write
