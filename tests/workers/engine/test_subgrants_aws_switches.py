"""Account grants and subgrants come out right where AWS goes another way, and say so where it refuses."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from demo.bank.accounts import BI
from mocklake.testing.switches import OTHER, Value
from requests_app.grants.models import Grant
from tests.database import TestDatabase
from tests.workers.engine.test_subgrants import (
    list_local_rows,
    make_local_group,
    set_classes,
    settle_group,
    subgrant,
)
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.mesh import Mesh
from tests.workers.outside_account_grants import (
    adopt_account_grant,
    grant_to_account,
    list_observed,
    make_account_principal,
    register_location,
)
from tests.workers.own_mesh import make_own_mesh

WORLDS: dict[str, dict[str, Value]] = {
    "other": dict(OTHER),
    "the option on whole tables alone": {"columns_take_grant_option": False},
    "a row for each grant of columns": {"merge_column_rows": False},
    "granted twice is an error": {"identical_grant": "InvalidInputException"},
}


@pytest.fixture(params=WORLDS)
def mesh(request: pytest.FixtureRequest, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with make_own_mesh(settings, WORLDS[request.param]) as mesh:
        yield mesh


def grant_columns_or_table(mesh: Mesh) -> Grant:
    account_grant = mesh.grant_to_account(("policy_id", "gender"))
    if mesh.cloud.control("switches")["columns_take_grant_option"]["value"]:
        mesh.run_until_presence(account_grant, "present")
        return account_grant
    intent = mesh.run_until(account_grant, lambda intent: "AWS refused" in intent.failure)
    assert intent.presence != "present"
    mesh.revoke(account_grant)
    mesh.run_until_presence(account_grant, "absent")
    return mesh.grant_to_account(())


@pytest.mark.all
def test_what_is_passed_on_comes_narrows_and_goes(mesh: Mesh) -> None:
    set_classes(mesh, policy_id="public", gender="private")
    account_grant = grant_columns_or_table(mesh)
    mesh.run_until_presence(account_grant, "present")
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public", "private")
    assert settle_group(group) == ["present"]
    assert set(mesh.list_visible_columns()) >= {"policy_id", "gender"}
    subgrant(mesh, group, account_grant, "private")
    assert settle_group(group) == ["present", "absent"]
    assert "policy_id" not in mesh.list_visible_columns()
    mesh.revoke(account_grant)
    mesh.run_until_presence(account_grant, "absent")
    assert settle_group(group) == ["absent", "absent"]
    assert (mesh.list_visible_columns(), list_local_rows(mesh)) == ([], set())


@pytest.mark.all
def test_what_was_adopted_is_proven_passed_on_and_goes_whole(mesh: Mesh) -> None:
    set_classes(mesh, policy_id="public")
    make_account_principal(mesh)
    register_location(mesh)
    grant_to_account(mesh, {"Database": {"Name": mesh.database}}, "DESCRIBE")
    table = {"DatabaseName": mesh.database, "Name": mesh.table.name}
    grant_to_account(mesh, {"Table": table}, "SELECT", "DESCRIBE")
    before = mesh.get_last_call()
    account_grant = adopt_account_grant(mesh, mesh.table.name)
    mesh.run_until_presence(account_grant, "present")
    assert (mesh.list_writes(before), len(list_observed(mesh))) == ([], 6)
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public")
    assert settle_group(group) == ["present"]
    assert mesh.list_visible_columns()[0] == "policy_id"
    mesh.revoke(account_grant)
    mesh.run_until_presence(account_grant, "absent")
    assert settle_group(group) == ["absent"]
    run_rounds_until(lambda: not list_observed(mesh))
    assert (mesh.list_visible_columns(), list_observed(mesh)) == ([], set())
