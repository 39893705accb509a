"""What AWS refuses is tried again later each time, whatever wakes its scope, and at once when something is new."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from background.task_table import TaskName
from demo.bank.accounts import BI, PARTNER
from fulfilment.health import read_wall_clock
from fulfilment.intents.models import Wake
from fulfilment.rounds import Refusal, Scope
from fulfilment.timeline import build_timeline
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.grants.status.actions import check_grant
from tests.database import TestDatabase, as_role
from tests.factories import make_checkup
from tests.workers.due_tasks import run_due
from tests.workers.engine_rounds import WORKER
from tests.workers.mesh import Mesh
from tests.workers.own_mesh import make_own_mesh

MINUTE, HOUR = 60.0, 3600.0
COLUMNS = ("policy_id", "gender", "region")
RULE = "region = 'Ost'"
OWNER = "meshmarket_owner"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "CreateDataCellsFilter": ("filter", {"rows": RULE}),
    "RegisterResource": ("register", {}),
    "BatchGrantPermissions": ("grant", {}),
    "CreateDatabase": ("link", {}),
    "AcceptResourceShareInvitation": ("accept", {"account": PARTNER}),
}
"""Of calls that the engine makes: for which change, and the request that needs it."""


@pytest.fixture
def mesh(committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with make_own_mesh(settings, {}) as made:
        settings.SCAN_EVERY = 300.0
        yield made


def refuse_operation(mesh: Mesh, operation: str) -> None:
    fault = {"kind": "error", "code": "AccessDeniedException", "operation": operation, "rate": 1.0}
    mesh.cloud.control("faults", fault)


def deregister(mesh: Mesh) -> None:
    lake = mesh.governance_client()
    for one in lake.list_resources()["ResourceInfoList"]:
        lake.deregister_resource(ResourceArn=one["ResourceArn"])


def count_calls(mesh: Mesh, since: int) -> Counter[str]:
    told = mesh.cloud.control(f"calls?since={since}")
    return Counter(call["operation"] for call in told if "meshmarket" in call["principal"])


def advance_time(mesh: Mesh, seconds: float) -> None:
    """Work as the sweep would for so many seconds: from one moment at which something is due to the next."""
    left = seconds
    while left > 0:
        began = read_wall_clock()
        mesh.run_rounds(20)
        step = min(left, max(0.05, _get_next_due(began)))
        _move_clocks(step)
        left -= step


def advance_to_first_refusal(mesh: Mesh) -> None:
    """A call that needs others first, such as the acceptance of an invitation, is not made at once."""
    for _ in range(int(MINUTE)):
        if Refusal.objects.exists():
            return
        advance_time(mesh, 1.0)


def _get_next_due(began: datetime) -> float:
    """Seconds from now; below zero for what became due since `began`, and may have been missed by the rounds after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(at) - clock_timestamp()) FROM fulfilment_scope,"
            " unnest(ARRAY[not_before, scan_at]) AS at WHERE at > %s",
            [began],
        )
        (found,) = cursor.fetchone()
    return float(found or 1.0)


def _move_clocks(seconds: float) -> None:
    """The database's bare clock cannot be moved: everything that is compared with it is."""
    moved = {
        "fulfilment_scope": ("not_before", "scan_at"),
        "fulfilment_refusal": ("first_at", "last_at", "next_at"),
    }
    with as_role(OWNER), connection.cursor() as cursor:
        for table, columns in moved.items():
            changes = ", ".join(f"{name} = {name} - make_interval(secs => {seconds:f})" for name in columns)
            cursor.execute(f"UPDATE {table} SET {changes}")


@pytest.fixture
def refused(mesh: Mesh, operation: str) -> tuple[str, Grant, int]:
    """A request was approved, and the call that it needs is refused each time."""
    if operation == "RegisterResource":
        deregister(mesh)
    refuse_operation(mesh, operation)
    since = mesh.get_last_call()
    return operation, mesh.grant(COLUMNS, **CALLS[operation][1]), since


@pytest.mark.parametrize(
    "operation",
    ["CreateDataCellsFilter", pytest.param("AcceptResourceShareInvitation", marks=pytest.mark.all)],
)
def test_it_is_tried_a_few_times_in_the_first_minute_and_every_five_then(
    mesh: Mesh, refused: tuple[str, Grant, int]
) -> None:
    operation, grant, since = refused
    advance_to_first_refusal(mesh)
    advance_time(mesh, MINUTE)
    changes = Refusal.objects.filter(action=CALLS[operation][0]).count()
    assert changes > 0
    assert 4 * changes <= count_calls(mesh, since)[operation] <= 10 * changes
    since = mesh.get_last_call()
    advance_time(mesh, HOUR)
    assert 8 * changes <= count_calls(mesh, since)[operation] <= 20 * changes
    shown = [moment for moment in build_timeline(mesh.get_intent(grant)) if moment.kind == "failed"]
    refusals = Refusal.objects.all()
    assert len(shown) == len(refusals)
    for moment, refusal in zip(shown, refusals.order_by("last_at"), strict=True):
        assert moment.text.startswith("AWS refused to ")
        assert moment.detail.startswith(f"Refused {refusal.count} times since ")
        assert "Next try at " in moment.detail


@pytest.mark.parametrize("operation", CALLS)
def test_it_is_made_soon_after_somebody_asks_to_look_again(
    mesh: Mesh, refused: tuple[str, Grant, int]
) -> None:
    operation, grant, since = refused
    advance_to_first_refusal(mesh)
    changes = Refusal.objects.filter(action=CALLS[operation][0]).count()
    assert changes > 0
    advance_time(mesh, 10 * MINUTE)
    assert 5 * changes <= count_calls(mesh, since)[operation] <= 16 * changes
    mesh.cloud.control("faults", method="DELETE")
    since = mesh.get_last_call()
    mesh.run_rounds(10)
    assert count_calls(mesh, since)[operation] == 0
    check_grant(acting_user=mesh.owner, grant_id=grant.pk, now=clock.now())
    mesh.run_until_presence(grant, "present", seconds=60)
    assert not Refusal.objects.exists()


def test_it_is_tried_again_when_a_check_up_of_the_account_was_made(mesh: Mesh) -> None:
    refuse_operation(mesh, "CreateDataCellsFilter")
    grant = mesh.grant(COLUMNS, rows=RULE)
    advance_time(mesh, 10 * MINUTE)
    mesh.cloud.control("faults", method="DELETE")
    make_checkup(account=mesh.catalog.account)
    with as_role(WORKER):
        assert run_due(TaskName.CHECK_ACCOUNT) == 1
    mesh.run_until_presence(grant, "present", seconds=60)


def test_it_is_tried_again_when_the_round_that_was_asked_for_could_not_read(mesh: Mesh) -> None:
    refuse_operation(mesh, "CreateDataCellsFilter")
    grant = mesh.grant(COLUMNS, rows=RULE)
    advance_time(mesh, 10 * MINUTE)
    mesh.cloud.control("faults", method="DELETE")
    refuse_operation(mesh, "ListPermissions")
    check_grant(acting_user=mesh.owner, grant_id=grant.pk, now=clock.now())
    mesh.run_rounds(3)
    mesh.cloud.control("faults", method="DELETE")
    with as_role(OWNER):
        Scope.objects.update(not_before=clock.now())
    mesh.run_until_presence(grant, "present", seconds=60)


def test_a_new_decision_is_not_held_up_by_what_was_refused(mesh: Mesh) -> None:
    refuse_operation(mesh, "CreateDataCellsFilter")
    mesh.grant(COLUMNS, rows=RULE)
    advance_time(mesh, 10 * MINUTE)
    plain = mesh.grant(("policy_id",), PARTNER)
    mesh.run_until_presence(plain, "present", seconds=60)
    since = mesh.get_last_call()
    mesh.grant(COLUMNS, PARTNER, rows="region = 'Nord'")
    mesh.run_rounds(10)
    # The new filter is tried at once; the refused one is not.
    assert count_calls(mesh, since)["CreateDataCellsFilter"] == 1


def test_scopes_do_not_wake_each_other_out_of_their_back_off(mesh: Mesh) -> None:
    refuse_operation(mesh, "CreateDataCellsFilter")
    mesh.grant(COLUMNS, rows=RULE)
    advance_time(mesh, 2 * MINUTE)
    assert not Wake.objects.filter(urgent=True).exists()
    since = mesh.get_last_call()
    advance_time(mesh, MINUTE)
    assert (
        sum(count_calls(mesh, since).values()) <= 40
    )  # two tries of each scope; hundreds when they wake each other


def test_an_executor_that_cannot_be_assumed_is_asked_later_each_time(mesh: Mesh) -> None:
    mesh.grant(COLUMNS)
    account = mesh.catalog.account
    account.external_id = "another"
    account.save()
    since = mesh.get_last_call()
    advance_time(mesh, MINUTE)
    first = count_calls(mesh, since)["AssumeRole"]
    since = mesh.get_last_call()
    advance_time(mesh, HOUR)
    assert count_calls(mesh, since)["AssumeRole"] <= 150
    assert first <= 30


def test_a_removal_that_is_refused_is_tried_again_for_as_long_as_it_takes(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS)
    mesh.run_until_presence(grant, "present")
    refuse_operation(mesh, "BatchRevokePermissions")
    mesh.revoke(grant)
    since = mesh.get_last_call()
    advance_time(mesh, HOUR)
    assert 10 <= count_calls(mesh, since)["BatchRevokePermissions"] <= 30
    mesh.cloud.control("faults", method="DELETE")
    advance_time(mesh, 10 * MINUTE)
    mesh.run_until_presence(grant, "absent", seconds=20)
    assert mesh.list_visible_columns(BI) == []
