"""Envelopes and what is passed on of them come out right where AWS goes another way, and say so where it refuses."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from awsim.testing.switches import OTHER, Value
from demo.bank.accounts import BI
from requests_app.grants.models import Grant
from tests.database import TestDatabase
from tests.workers.engine.test_subgrants import classify, give, group_of, local_rows, settle
from tests.workers.mesh import Mesh
from tests.workers.own_aws import mesh_of_its_own
from tests.workers.shared_by_hand import account_as_a_whole, adopt, give_to_account, held, register
from tests.workers.working import work_till

WORLDS: dict[str, dict[str, Value]] = {
    "other": dict(OTHER),
    "the option on whole tables alone": {"columns_take_grant_option": False},
    "a row for each grant of columns": {"merge_column_rows": False},
    "granted twice is an error": {"identical_grant": "InvalidInputException"},
}


@pytest.fixture(params=WORLDS)
def mesh(request: pytest.FixtureRequest, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with mesh_of_its_own(settings, WORLDS[request.param]) as mesh:
        yield mesh


def of_some_columns(mesh: Mesh) -> Grant:
    envelope = mesh.envelope(("policy_id", "gender"))
    if mesh.cloud.control("switches")["columns_take_grant_option"]["value"]:
        mesh.work_until(envelope, "present")
        return envelope
    intent = mesh.work_for(envelope, lambda intent: "AWS refused" in intent.failure)
    assert intent.presence != "present"
    mesh.revoke(envelope)
    mesh.work_until(envelope, "absent")
    return mesh.envelope(())


@pytest.mark.all
def test_what_is_passed_on_comes_narrows_and_goes(mesh: Mesh) -> None:
    classify(mesh, policy_id="public", gender="private")
    envelope = of_some_columns(mesh)
    mesh.work_until(envelope, "present")
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public", "private")
    assert settle(group) == ["present"]
    assert set(mesh.visible()) >= {"policy_id", "gender"}
    give(mesh, group, envelope, "private")
    assert settle(group) == ["present", "absent"]
    assert "policy_id" not in mesh.visible()
    mesh.revoke(envelope)
    mesh.work_until(envelope, "absent")
    assert settle(group) == ["absent", "absent"]
    assert (mesh.visible(), local_rows(mesh)) == ([], set())


@pytest.mark.all
def test_what_was_adopted_is_proven_passed_on_and_goes_whole(mesh: Mesh) -> None:
    classify(mesh, policy_id="public")
    account_as_a_whole(mesh)
    register(mesh)
    give_to_account(mesh, {"Database": {"Name": mesh.database}}, "DESCRIBE")
    table = {"DatabaseName": mesh.database, "Name": mesh.table.name}
    give_to_account(mesh, {"Table": table}, "SELECT", "DESCRIBE")
    before = mesh.last_call()
    envelope = adopt(mesh, mesh.table.name)
    mesh.work_until(envelope, "present")
    assert (mesh.writes(before), len(held(mesh))) == ([], 6)
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public")
    assert settle(group) == ["present"]
    assert mesh.visible()[0] == "policy_id"
    mesh.revoke(envelope)
    mesh.work_until(envelope, "absent")
    assert settle(group) == ["absent"]
    work_till(lambda: not held(mesh))
    assert (mesh.visible(), held(mesh)) == ([], set())
