"""What somebody gave to an account as a whole is adopted as an account grant: proven, passed on, ended."""

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from kernel import clock
from lakeformation.values.tag_expressions import TagExpression
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import add_local_group_member, create_local_group, pass_on
from requests_app.grants.subgrants.models import SubgrantIntent
from requests_app.grants.subgrants.plans import build_subgrant_plan
from tests.workers import outside_account_grants
from tests.workers.database_grants import mirror_database
from tests.workers.lf_tag_grants import assign_tags
from tests.workers.mesh import Mesh
from tests.workers.outside_account_grants import (
    adopt_account_grant,
    grant_columns_to_account,
    grant_to_account,
    list_observed,
    register_location,
)


@pytest.fixture(autouse=True)
def account_as_a_whole(mesh: Mesh) -> None:
    outside_account_grants.make_account_principal(mesh)


def revoke_and_check(mesh: Mesh, grant: Grant, before: int) -> set[tuple[str, str, bool]]:
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.run_rounds(10)
    assert set(mesh.list_writes(before)) == {"BatchRevokePermissions"}
    return list_observed(mesh)


@pytest.mark.parametrize("option", [True, False])
def test_columns_are_proven_without_a_call_and_go_with_their_option(mesh: Mesh, option: bool) -> None:  # noqa: FBT001
    grant_columns_to_account(mesh, "gender", "region", option=option)
    before = mesh.get_last_call()
    grant = adopt_account_grant(mesh, mesh.table.name)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_writes(before) == []
    options = {False, option}
    assert list_observed(mesh) == {
        *(("", "DESCRIBE", one) for one in options),
        *((mesh.table.name, "SELECT", one) for one in options),
    }
    assert revoke_and_check(mesh, grant, before) == set()


def test_a_whole_table_goes_with_the_describe_beside_it(mesh: Mesh) -> None:
    grant_to_account(
        mesh, {"Table": {"DatabaseName": mesh.database, "Name": mesh.table.name}}, "SELECT", "DESCRIBE"
    )
    before = mesh.get_last_call()
    grant = adopt_account_grant(mesh, mesh.table.name)
    mesh.run_until_presence(grant, "present")
    mesh.run_rounds(10)
    assert (mesh.list_writes(before), len(list_observed(mesh))) == ([], 4)
    assert revoke_and_check(mesh, grant, before) == set()


def test_every_table_of_a_database(mesh: Mesh) -> None:
    mirror_database(mesh)
    grant_to_account(
        mesh, {"Table": {"DatabaseName": mesh.database, "TableWildcard": {}}}, "SELECT", "DESCRIBE"
    )
    before = mesh.get_last_call()
    grant = adopt_account_grant(mesh, "*")
    mesh.run_until_presence(grant, "present")
    assert (mesh.list_writes(before), len(list_observed(mesh))) == ([], 4)
    assert revoke_and_check(mesh, grant, before) == set()


def test_what_is_held_by_tags(mesh: Mesh) -> None:
    assign_tags(mesh)
    expression = TagExpression.from_values({mesh.database: ["gold"]}).to_aws()
    for kind, verbs in (("TABLE", ("SELECT", "DESCRIBE")), ("DATABASE", ("DESCRIBE",))):
        policy = {"CatalogId": GOVERNANCE, "ResourceType": kind, "Expression": expression}
        grant_to_account(mesh, {"LFTagPolicy": policy}, *verbs)
    before = mesh.get_last_call()
    grant = adopt_account_grant(mesh)
    mesh.run_until_presence(grant, "present")
    assert (mesh.list_writes(before), len(list_observed(mesh))) == ([], 6)
    assert revoke_and_check(mesh, grant, before) == set()


def test_a_group_reads_by_it_and_what_was_passed_on_ends_with_it(mesh: Mesh) -> None:
    mesh.table.columns.filter(name__in=["gender", "region"]).update(classification="public")
    grant_columns_to_account(mesh, "gender", "region")
    register_location(mesh)
    grant = adopt_account_grant(mesh, mesh.table.name)
    mesh.run_until_presence(grant, "present")
    tom, now = mesh.people[BI], clock.now()
    group = create_local_group(acting_user=tom, account_id=BI, name="Analysts", now=now)
    add_local_group_member(acting_user=tom, account_id=BI, group_id=group.pk, arn=mesh.roles[BI].arn, now=now)
    choices = {(group.pk, grant.pk): frozenset({"public"})}
    plan = build_subgrant_plan(group.account, choices, now)
    pass_on(acting_user=tom, account_id=BI, choices=choices, plan_hash=plan.compute_hash(), now=now)
    local = SubgrantIntent.objects.get()
    mesh.run_until_presence(local, "present")
    assert mesh.list_visible_columns() == ["gender", "region", "snapshot_date"]
    mesh.revoke(grant)
    mesh.run_until_presence(local, "absent")
    mesh.run_until_presence(grant, "absent")
    mesh.run_rounds(10)
    assert (mesh.list_visible_columns(), list_observed(mesh)) == ([], set())
