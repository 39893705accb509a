"""A call without an answer may still land: until it has settled, its scope waits."""

from datetime import timedelta

from fulfilment.rounds import Step
from tests.database import as_role
from tests.workers.engine.test_claim import take_share
from tests.workers.mesh import Mesh
from workers.engine.claim import Lease, short_transaction
from workers.engine.round_records import create_round
from workers.engine.rounds import settle_calls


def create_unanswered_step(held: Lease, open_for: timedelta) -> Step:
    with short_transaction():
        return Step.objects.create(
            round=create_round(held, []), position=0, operation="BatchGrantPermissions",
            account_id="111111111111", region="eu-central-1", role_arn="r", outcome="sent",
            sent_at=held.began_at, open_until=held.began_at + open_for,
        )  # fmt: skip


def test_a_scope_waits_until_a_call_without_an_answer_has_settled(mesh: Mesh) -> None:
    mesh.grant()
    held = take_share()
    with as_role("meshmarket_worker"):
        step = create_unanswered_step(held, timedelta(seconds=8))
        assert settle_calls(held) == step.open_until
        step.refresh_from_db()
        assert step.outcome == Step.Outcome.SENT


def test_a_call_that_has_settled_holds_nothing_up(mesh: Mesh) -> None:
    mesh.grant()
    held = take_share()
    with as_role("meshmarket_worker"):
        step = create_unanswered_step(held, timedelta(seconds=-1))
        assert settle_calls(held) is None
        step.refresh_from_db()
        assert step.outcome == Step.Outcome.UNKNOWN
