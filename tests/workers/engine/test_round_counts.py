"""Rounds are counted by kind of scope and outcome; the totals only grow."""

import pytest

from fulfilment.health import RoundTotal
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.engine.round_records import RoundResult
from workers.engine.rounds import classify_round, write_round_counts

Outcome = RoundTotal.Outcome


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (RoundResult(has_converged=True), Outcome.CONVERGED),
        (RoundResult(has_progressed=True), Outcome.SENT),
        (RoundResult(has_failed=True, has_progressed=True), Outcome.FAILED),
        (RoundResult(is_too_early=True), Outcome.WAITING),
        (RoundResult(is_unreachable=True, wait=1.0), Outcome.WAITING),
    ],
)
def test_the_outcome_of_a_round(result: RoundResult, outcome: RoundTotal.Outcome) -> None:
    assert classify_round(result) is outcome


def test_rounds_of_a_grant_are_counted(mesh: Mesh) -> None:
    with as_role("meshmarket_worker"):
        write_round_counts(interval=0)
    mesh.run_until_presence(mesh.grant(), "present")
    with as_role("meshmarket_worker"):
        write_round_counts(interval=0)
    totals = {(row.kind, row.outcome): row for row in RoundTotal.objects.all()}
    sent, converged = totals["share", Outcome.SENT], totals["share", Outcome.CONVERGED]
    assert sent.rounds >= 1
    assert converged.rounds >= 1
    assert sent.seconds > 0
