"""One worker at a time in a scope; who has lost its lease writes nothing more."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from fulfilment.intents.models import Intent, Wake
from fulfilment.rounds import Scope, Step, WriteInFlight
from kernel import clock
from lakeformation.planning.changes import Plan, PlannedChange
from lakeformation.planning.changes import Step as PlannedStep
from lakeformation.values.permissions import DataCatalog, Permission
from tests.database import as_role
from tests.workers.engine_rounds import claim_next_scope
from tests.workers.mesh import Mesh
from workers.engine.backoff import repeats_last_plan
from workers.engine.claim import FencedError, Lease, lock_scope, release_scope, short_transaction
from workers.engine.round_records import RoundResult, create_round, store_steps
from workers.engine.rounds import count_failures, run_scope_round


def take_share(owner: str = "one") -> Lease:
    with as_role("meshmarket_worker"):
        while taken := claim_next_scope(owner):
            if taken.scope.kind == Scope.Kind.SHARE:
                return taken
    raise AssertionError("no share scope was due")


def test_a_claimed_scope_is_not_claimed_again(mesh: Mesh) -> None:
    mesh.grant()
    held = take_share()
    with as_role("meshmarket_worker"):
        others = [found.scope.pk for found in iter(lambda: claim_next_scope("two"), None)]
    assert held.scope.pk not in others


def test_eight_workers_at_once_never_share_a_scope(mesh: Mesh) -> None:
    mesh.grant()
    taken: list[tuple[int, int]] = []

    def work() -> None:
        with as_role("meshmarket_worker"):
            found = claim_next_scope(threading.current_thread().name)
            if found:
                taken.append((found.scope.pk, found.epoch))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken))
    assert len({pk for pk, _ in taken}) == len(taken)


def test_a_lease_that_ran_out_is_taken_over_and_fences_its_former_owner(mesh: Mesh) -> None:
    mesh.grant()
    first = take_share()
    end_lease(first)
    second = take_share("two")
    assert second.epoch == first.epoch + 1
    with as_role("meshmarket_worker"), pytest.raises(FencedError), short_transaction():
        lock_scope(first)


def test_a_lease_that_ran_out_is_fenced_before_anybody_takes_over(mesh: Mesh) -> None:
    mesh.grant()
    first = take_share()
    end_lease(first)
    with as_role("meshmarket_worker"), pytest.raises(FencedError), short_transaction():
        lock_scope(first)


def test_the_end_of_a_grant_makes_a_quiet_scope_due(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    with as_role("meshmarket_owner"):
        Scope.objects.update(scan_at=clock.now() + timedelta(days=1), not_before=None, lease_until=None)
        assert claim_next_scope("one") is None
        clock.advance(grant.ends_at - clock.now() + timedelta(seconds=1))
    held = take_share()
    assert held.scope.key == mesh.get_intent(grant).scope_key


def test_a_wake_that_came_during_a_round_is_left_to_the_next(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    woken = {"scope_key": mesh.get_intent(grant).scope_key, "at": clock.now()}
    with as_role("meshmarket_worker"):
        Wake.objects.create(**woken, reason="before")
        held = take_share()
        later = Wake.objects.create(**woken, reason="meanwhile")
        release_scope(held, wait=0, scan_in=3600, failures=0)
        assert list(Wake.objects.all()) == [later]


def test_a_fenced_round_is_left_to_its_new_owner(mesh: Mesh) -> None:
    grant = mesh.grant()
    first = take_share()
    end_lease(first)
    with as_role("meshmarket_worker"):
        run_scope_round(first)
    assert mesh.get_intent(grant).presence == "unseen"
    mesh.run_until_presence(grant, "present")


def test_a_wake_makes_a_quiet_scope_due(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    with as_role("meshmarket_owner"):
        Scope.objects.update(scan_at=clock.now() + timedelta(days=1), not_before=None, lease_until=None)
    with as_role("meshmarket_worker"):
        assert claim_next_scope("one") is None
        Wake.objects.create(scope_key=mesh.get_intent(grant).scope_key, at=clock.now(), reason="a test")
        held = claim_next_scope("one")
        assert held is not None
        release_scope(held, wait=0, scan_in=3600, failures=0)
        assert claim_next_scope("one") is None
    assert not Wake.objects.exists()


def test_what_a_killed_worker_was_woken_for_is_looked_at_by_the_next_one(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    with as_role("meshmarket_owner"):
        Scope.objects.update(scan_at=clock.now() + timedelta(days=1), not_before=None, lease_until=None)
    with as_role("meshmarket_worker"):
        Wake.objects.create(scope_key=mesh.get_intent(grant).scope_key, at=clock.now(), reason="a test")
        killed = claim_next_scope("killed")
        assert killed is not None
        Wake.objects.create(scope_key=mesh.get_intent(grant).scope_key, at=clock.now(), reason="meanwhile")
    end_lease(killed)
    with as_role("meshmarket_worker"):
        second = claim_next_scope("two")
        assert second is not None
        release_scope(killed, wait=0, scan_in=3600, failures=0)
        assert Wake.objects.count() == len(second.wake_ids) == 2
        release_scope(second, wait=0, scan_in=3600, failures=0)
    assert not Wake.objects.exists()


@pytest.mark.all
def test_a_step_without_an_answer_keeps_its_scope_from_being_planned(mesh: Mesh) -> None:
    grant = mesh.grant()
    held = take_share()
    with as_role("meshmarket_worker"):
        with short_transaction():
            step = Step.objects.create(
                round=create_round(held, []), position=0, operation="BatchGrantPermissions",
                account_id="111111111111", region="eu-central-1", role_arn="r", outcome="sent",
                sent_at=held.began_at, open_until=held.began_at + timedelta(seconds=8),
            )  # fmt: skip
            slot = {"account_id": "111111111111", "region": "eu-central-1", "resource": mesh.database}
            WriteInFlight.objects.create(step=step, **slot)
        release_scope(held, wait=0, scan_in=0, failures=0)
    mesh.run_rounds(4)
    assert mesh.list_held_columns() == {}
    mesh.run_until_presence(grant, "present")
    step.refresh_from_db()
    assert step.outcome == Step.Outcome.UNKNOWN


def test_removal_is_looked_for_before_a_scan(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.revoke(grant)
    with as_role("meshmarket_worker"):
        taken = claim_next_scope("one")
    assert taken is not None
    assert taken.scope.key == Intent.objects.get(pk=grant.intent_id).scope_key


def end_lease(held: Lease) -> None:
    with as_role("meshmarket_owner"):
        Scope.objects.filter(pk=held.scope.pk).update(lease_until=held.began_at - timedelta(seconds=1))


def build_grant_step(verb: str) -> Plan:
    place = DataCatalog("111111111111", "eu-central-1")
    permission = Permission(place, "arn:aws:iam::310000000001:role/bi", "insurance_gold", "", verb)
    change = PlannedChange("grant", place, permission.resource, permission, None, (1,))
    return Plan(steps=[PlannedStep("BatchGrantPermissions", place, (change,))])


def test_a_plan_that_changed_nothing_is_known_when_it_comes_again(mesh: Mesh) -> None:
    mesh.grant()
    held = take_share()
    with as_role("meshmarket_worker"):
        assert not repeats_last_plan(held, build_grant_step("DESCRIBE").steps)
        with short_transaction():
            store_steps(create_round(held, []), build_grant_step("DESCRIBE").steps)
        assert repeats_last_plan(held, build_grant_step("DESCRIBE").steps)
        assert not repeats_last_plan(held, build_grant_step("SELECT").steps)


def test_a_round_in_which_some_call_went_through_begins_the_back_off_anew() -> None:
    assert count_failures(7, RoundResult(has_failed=True)) == 8
    assert count_failures(7, RoundResult(has_failed=True, has_progressed=True)) == 1
    assert count_failures(7, RoundResult()) == 0
    assert count_failures(7, RoundResult(is_too_early=True)) == 7
    assert count_failures(7, RoundResult(has_failed=True, is_unreachable=True)) == 7
