"""What somebody gave to an account as a whole is adopted as its envelope: proven as it stands, passed on, and ended whole."""

import pytest

from audit import clock
from demo.bank.accounts import BI, GOVERNANCE
from lakeformation.values.tag_expressions import TagExpression
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import add_member, make_group, pass_on
from requests_app.grants.subgrants.models import LocalHold
from requests_app.grants.subgrants.plans import build_subgrant_plan
from tests.workers import shared_by_hand
from tests.workers.mesh import Mesh
from tests.workers.shared_by_hand import adopt, give_columns, give_to_account, held, register
from tests.workers.tags import carry
from tests.workers.whole import know


@pytest.fixture(autouse=True)
def account_as_a_whole(mesh: Mesh) -> None:
    shared_by_hand.account_as_a_whole(mesh)


def revoked(mesh: Mesh, grant: Grant, before: int) -> set[tuple[str, str, bool]]:
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.work(10)
    assert set(mesh.writes(before)) == {"BatchRevokePermissions"}
    return held(mesh)


@pytest.mark.parametrize("option", [True, False])
def test_columns_are_proven_without_a_call_and_go_with_their_option(mesh: Mesh, option: bool) -> None:  # noqa: FBT001
    give_columns(mesh, "gender", "region", option=option)
    before = mesh.last_call()
    grant = adopt(mesh, mesh.table.name)
    mesh.work_until(grant, "present")
    assert mesh.writes(before) == []
    options = {False, option}
    assert held(mesh) == {
        *(("", "DESCRIBE", one) for one in options),
        *((mesh.table.name, "SELECT", one) for one in options),
    }
    assert revoked(mesh, grant, before) == set()


def test_a_whole_table_goes_with_the_describe_beside_it(mesh: Mesh) -> None:
    give_to_account(
        mesh, {"Table": {"DatabaseName": mesh.database, "Name": mesh.table.name}}, "SELECT", "DESCRIBE"
    )
    before = mesh.last_call()
    grant = adopt(mesh, mesh.table.name)
    mesh.work_until(grant, "present")
    mesh.work(10)
    assert (mesh.writes(before), len(held(mesh))) == ([], 4)
    assert revoked(mesh, grant, before) == set()


def test_every_table_of_a_database(mesh: Mesh) -> None:
    know(mesh)
    give_to_account(
        mesh, {"Table": {"DatabaseName": mesh.database, "TableWildcard": {}}}, "SELECT", "DESCRIBE"
    )
    before = mesh.last_call()
    grant = adopt(mesh, "*")
    mesh.work_until(grant, "present")
    assert (mesh.writes(before), len(held(mesh))) == ([], 4)
    assert revoked(mesh, grant, before) == set()


def test_what_is_held_by_tags(mesh: Mesh) -> None:
    carry(mesh)
    expression = TagExpression.of({mesh.database: ["gold"]}).to_aws()
    for kind, verbs in (("TABLE", ("SELECT", "DESCRIBE")), ("DATABASE", ("DESCRIBE",))):
        policy = {"CatalogId": GOVERNANCE, "ResourceType": kind, "Expression": expression}
        give_to_account(mesh, {"LFTagPolicy": policy}, *verbs)
    before = mesh.last_call()
    grant = adopt(mesh)
    mesh.work_until(grant, "present")
    assert (mesh.writes(before), len(held(mesh))) == ([], 6)
    assert revoked(mesh, grant, before) == set()


def test_a_group_reads_by_it_and_what_was_passed_on_ends_with_it(mesh: Mesh) -> None:
    mesh.table.columns.filter(name__in=["gender", "region"]).update(classification="public")
    give_columns(mesh, "gender", "region")
    register(mesh)
    grant = adopt(mesh, mesh.table.name)
    mesh.work_until(grant, "present")
    tom, now = mesh.people[BI], clock.now()
    group = make_group(acting_user=tom, account_id=BI, name="Analysts", now=now)
    add_member(acting_user=tom, account_id=BI, group_id=group.pk, arn=mesh.roles[BI].arn, now=now)
    choices = {(group.pk, grant.pk): frozenset({"public"})}
    plan = build_subgrant_plan(group.account, choices, now)
    pass_on(acting_user=tom, account_id=BI, choices=choices, plan_hash=plan.digest(), now=now)
    local = LocalHold.objects.get()
    mesh.work_until(local, "present")
    assert mesh.visible() == ["gender", "region", "snapshot_date"]
    mesh.revoke(grant)
    mesh.work_until(local, "absent")
    mesh.work_until(grant, "absent")
    mesh.work(10)
    assert (mesh.visible(), held(mesh)) == ([], set())
