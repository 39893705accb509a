"""AWS at its worst: lost answers, throttling, refusals. Never a wrong word, never a lost decision."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.models import Intent
from fulfilment.rounds import Scope, Step, WriteInFlight
from kernel.clock import now as database_now
from tests.database import as_role
from tests.workers.mesh import COLUMNS, Mesh


def fault(mesh: Mesh, kind: str, operation: str, **fields: object) -> None:
    mesh.cloud.control("faults", {"kind": kind, "operation": operation, **fields})


def test_an_answer_lost_after_its_effect_is_settled_and_looked_for(mesh: Mesh) -> None:
    fault(mesh, "lost", "BatchGrantPermissions")
    grant = mesh.grant()
    mesh.run_until(grant, lambda _: Step.objects.filter(outcome=Step.Outcome.SENT).exists())
    step = Step.objects.get(outcome=Step.Outcome.SENT)
    assert mesh.get_intent(grant).presence == "unseen"
    assert WriteInFlight.objects.filter(step=step).exists()
    mesh.run_until_presence(grant, "present")
    step.refresh_from_db()
    assert (step.outcome, WriteInFlight.objects.count()) == (Step.Outcome.UNKNOWN, 0)
    assert mesh.list_visible_columns() == [*COLUMNS, "snapshot_date"]


@pytest.mark.parametrize(
    "operation", ["BatchGrantPermissions", "CreateDatabase", "ListPermissions", "GetTable"]
)
def test_throttled_calls_are_tried_again(mesh: Mesh, operation: str) -> None:
    fault(mesh, "throttle", operation, count=2)
    mesh.run_until_presence(mesh.grant(), "present")
    assert mesh.list_visible_columns() == [*COLUMNS, "snapshot_date"]


def test_a_conflict_is_tried_again(mesh: Mesh) -> None:
    fault(mesh, "error", "BatchGrantPermissions", code="ConcurrentModificationException")
    mesh.run_until_presence(mesh.grant(), "present")


def test_a_revoke_that_is_refused_is_never_called_absent(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    fault(mesh, "error", "BatchRevokePermissions", code="AccessDeniedException", count=50)
    mesh.revoke(grant)
    intent = mesh.run_until(grant, lambda intent: "AWS refused to revoke" in intent.failure)
    mesh.run_rounds(4)
    told = Event.objects.filter(verb="fail_intent", subject=f"item:{grant.item_id}")
    causes = [event.data["found"] for event in told]
    assert len(causes) == len(set(causes)) > 0
    mesh.run_rounds(4)
    assert mesh.get_intent(grant).presence == intent.presence == "present"
    assert intent.proven_generation < intent.generation
    mesh.cloud.control("faults", method="DELETE")
    mesh.run_until_presence(grant, "absent")


def test_a_reading_that_is_denied_is_unknown_not_absent(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    fault(mesh, "error", "ListPermissions", code="AccessDeniedException", count=50)
    intent = mesh.run_until(grant, lambda intent: intent.presence == "unknown")
    assert "could not be read" in intent.failure
    mesh.run_rounds(3)
    assert Event.objects.filter(verb="could_not_read").count() == 1
    mesh.cloud.control("faults", method="DELETE")
    mesh.run_until_presence(grant, "present")


def test_a_look_that_failed_is_made_again_long_before_the_next_scan(mesh: Mesh, settings: Settings) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    settings.SCAN_EVERY = 3600.0
    fault(mesh, "error", "ListPermissions", code="AccessDeniedException", count=50)
    failed = Scope.objects.filter(kind=Scope.Kind.SHARE, failures__gt=0)
    for _ in range(20):
        mesh.run_rounds()
        if failed.exists():
            break
    soon = database_now() + timedelta(seconds=120)
    assert failed.filter(scan_at__lt=soon).exists()


def test_one_refused_entry_does_not_stop_its_neighbours(mesh: Mesh) -> None:
    first, second = mesh.grant(), mesh.grant(account="610000000001")
    fault(mesh, "error", "CreateDatabase", account=BI, code="AccessDeniedException", count=50)
    mesh.run_until_presence(second, "present")
    assert mesh.get_intent(first).presence == "unseen"
    mesh.cloud.control("faults", method="DELETE")
    mesh.run_until_presence(first, "present")


def test_a_revoke_that_fails_for_ever_holds_up_no_grant_of_its_scope(mesh: Mesh) -> None:
    first = mesh.grant(("policy_id",))
    mesh.run_until_presence(first, "present")
    fault(mesh, "error", "BatchRevokePermissions", code="AccessDeniedException", count=500)
    mesh.revoke(first)
    second = mesh.grant(("gender", "region"))
    mesh.run_until_presence(second, "present")
    assert not mesh.get_intent(first).is_proven


def test_a_fault_of_our_own_in_one_scope_stops_no_other(mesh: Mesh) -> None:
    broken, sound = mesh.grant(), mesh.grant(account="610000000001")
    with as_role("meshmarket_owner"):
        Intent.objects.filter(pk=broken.intent_id).update(wanted={"nobody": "wrote this"})
    mesh.run_until_presence(sound, "present")
    assert mesh.get_intent(broken).presence == "unseen"


def test_an_internal_error_may_have_had_its_effect_so_it_is_settled_and_looked_for(mesh: Mesh) -> None:
    fault(mesh, "error", "BatchGrantPermissions", code="InternalServiceException")
    grant = mesh.grant()
    mesh.run_until(grant, lambda _: Step.objects.filter(outcome=Step.Outcome.SENT).exists())
    mesh.run_until_presence(grant, "present")
    assert Step.objects.filter(outcome=Step.Outcome.UNKNOWN).count() == 1


def test_an_entry_that_aws_could_not_do_just_then_is_tried_again_and_is_no_refusal(mesh: Mesh) -> None:
    mesh.cloud.control("faults", {"kind": "partial", "operation": "BatchGrantPermissions", "rate": 1.0})
    grant = mesh.grant()
    failed = Step.objects.filter(outcome=Step.Outcome.FAILED)
    # Why the intent waits is written after the step.
    intent = mesh.run_until(grant, lambda intent: bool(intent.failure) and failed.exists())
    assert intent.failure == f"waiting for the share of {GOVERNANCE} to reach {BI}"
    mesh.cloud.control("faults", method="DELETE")
    mesh.run_until_presence(grant, "present")


def test_metadata_are_not_called_there_while_the_select_in_their_place_is_throttled(mesh: Mesh) -> None:
    metadata = mesh.grant((), metadata_only=True)
    mesh.run_until_presence(metadata, "present")
    fault(mesh, "throttle", "BatchGrantPermissions", count=500)
    mesh.grant(("policy_id",))
    intent = mesh.run_until(metadata, lambda intent: "waits for the SELECT" in intent.failure)
    assert intent.presence == "unknown"
    mesh.cloud.control("faults", method="DELETE")
    mesh.run_until_presence(metadata, "present")
