"""A round's row says when it began and when it ended."""

from fulfilment.rounds import Round
from tests.workers.mesh import Mesh

SLOW = 600
"""Milliseconds that the one writing call takes."""


def test_a_round_ends_after_the_calls_that_it_made(mesh: Mesh) -> None:
    grant = mesh.grant()
    slow = {"kind": "latency", "operation": "BatchGrantPermissions", "milliseconds": SLOW}
    mesh.cloud.control("faults", slow)
    mesh.run_until_presence(grant, "present")

    sent, *_, proven = Round.objects.filter(scope__kind="share").order_by("pk")
    assert sent.finished_at is not None
    assert proven.finished_at is not None
    assert (sent.finished_at - sent.started_at).total_seconds() >= SLOW / 1000
    assert proven.finished_at > proven.started_at
