"""Local groups of one account read different columns of one account grant: passed on by its own executor."""

import time

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.models import Intent
from identity.accounts import LocalGroup, Principal
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import add_local_group_member, create_local_group, pass_on
from requests_app.grants.subgrants.models import SubgrantIntent
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.grants.subgrants.unmanaged import list_unmanaged_subgrants
from tests import factories
from tests.workers.aws_setup import make_role
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.mesh import Mesh

ALL = ("policy_id", "gender", "region", "smoker")
RULE = "region = 'Ost'"


def set_classes(mesh: Mesh, **classes: str) -> None:
    for name, classification in classes.items():
        mesh.table.columns.filter(name=name).update(classification=classification)


def make_local_group(mesh: Mesh, name: str, arn: str) -> LocalGroup:
    tom, now = mesh.people[BI], clock.now()
    group = create_local_group(acting_user=tom, account_id=BI, name=name, now=now)
    add_local_group_member(acting_user=tom, account_id=BI, group_id=group.pk, arn=arn, now=now)
    return group


def make_second_role(mesh: Mesh) -> Principal:
    name = f"second-{time.time_ns()}"
    found = make_role(mesh.cloud.client("iam", BI), BI, name)
    account = mesh.teams[BI].accounts.get()
    return factories.make_principal(account, name, unique_id=found["RoleId"])


def subgrant(mesh: Mesh, group: LocalGroup, account_grant: Grant, *classes: str) -> None:
    choices = {(group.pk, account_grant.pk): frozenset(classes)}
    plan = build_subgrant_plan(group.account, choices, clock.now())
    pass_on(
        acting_user=mesh.people[BI],
        account_id=BI,
        choices=choices,
        plan_hash=plan.compute_hash(),
        now=clock.now(),
    )


def settle_group(group: LocalGroup) -> list[str]:
    """Converge until every intent of the group is proven; what they are by then, the newest first."""
    mine = SubgrantIntent.objects.filter(subgrant__group=group).values("intent")
    intents = Intent.objects.filter(pk__in=mine).order_by("-pk")
    run_rounds_until(lambda: all(one.is_proven for one in intents.all()), seconds=60)
    assert all(one.is_proven for one in intents.all()), [(one.presence, one.failure) for one in intents]
    return [one.presence for one in intents.all()]


def list_local_rows(mesh: Mesh) -> set[str]:
    """Who holds anything in this mesh's database by BI's own granting, as BI lists it."""
    lake = mesh.cloud.client("lakeformation", BI, "meshmarket-observer")
    rows = lake.list_permissions(CatalogId=GOVERNANCE)["PrincipalResourcePermissions"]
    found = {
        row["Principal"]["DataLakePrincipalIdentifier"]
        for row in rows
        for resource in row["Resource"].values()
        if mesh.database in {resource.get("Name"), resource.get("DatabaseName")}
    }
    return found - {BI}


@pytest.fixture
def account_grant(mesh: Mesh) -> Grant:
    set_classes(mesh, policy_id="public", gender="private", region="public", smoker="sensitive")
    grant = mesh.grant_to_account(ALL)
    mesh.run_until_presence(grant, "present")
    return grant


def test_two_groups_of_one_account_read_different_columns(mesh: Mesh, account_grant: Grant) -> None:
    first, second = mesh.roles[BI], make_second_role(mesh)
    analysts, actuaries = (
        make_local_group(mesh, "Analysts", first.arn),
        make_local_group(mesh, "Actuaries", second.arn),
    )
    subgrant(mesh, analysts, account_grant, "public")
    subgrant(mesh, actuaries, account_grant, "public", "sensitive")
    assert (settle_group(analysts), settle_group(actuaries)) == (["present"], ["present"])
    assert mesh.list_visible_columns() == ["policy_id", "region", "snapshot_date"]
    mesh.roles[BI] = second
    assert mesh.list_visible_columns() == ["policy_id", "region", "smoker", "snapshot_date"]
    subgrant(mesh, actuaries, account_grant, "private")
    assert settle_group(actuaries) == ["present", "absent"]
    assert mesh.list_visible_columns() == ["gender", "snapshot_date"]


def test_the_end_of_the_envelope_takes_what_was_passed_on_out_of_aws(
    mesh: Mesh, account_grant: Grant
) -> None:
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public", "private")
    settle_group(group)
    assert list_local_rows(mesh) == {mesh.roles[BI].arn}
    mesh.revoke(account_grant)
    mesh.run_until_presence(account_grant, "absent")
    assert settle_group(group) == ["absent"]
    assert (mesh.list_visible_columns(), list_local_rows(mesh)) == ([], set())
    again = mesh.grant_to_account(ALL)
    mesh.run_until_presence(again, "present")
    assert mesh.list_visible_columns() == []


def test_the_cells_of_a_row_filter_are_passed_on_as_they_are(mesh: Mesh) -> None:
    ruled = mesh.grant_to_account(("policy_id", "region"), rows=RULE)
    mesh.run_until_presence(ruled, "present")
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, ruled, "all")
    assert settle_group(group) == ["present"]
    assert mesh.select_distinct("region") == [["Ost"]]
    mesh.revoke(ruled)
    assert settle_group(group) == ["absent"]
    mesh.run_rounds(6)
    assert (mesh.select_distinct("region"), mesh.list_filters()) == ([], {})


def test_a_group_and_a_roles_own_grant_do_not_touch_each_other(mesh: Mesh, account_grant: Grant) -> None:
    direct = mesh.grant(("gender",))
    mesh.run_until_presence(direct, "present")
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public")
    settle_group(group)
    assert mesh.list_visible_columns() == ["policy_id", "gender", "region", "snapshot_date"]
    subgrant(mesh, group, account_grant)
    assert settle_group(group) == ["absent"]
    assert mesh.list_visible_columns() == ["gender", "snapshot_date"]


def test_what_somebody_passed_on_by_hand_is_shown_and_left_alone(mesh: Mesh, account_grant: Grant) -> None:
    account, stranger = mesh.teams[BI].accounts.get(), make_second_role(mesh)
    where = {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": mesh.table.name}
    mesh.cloud.client("lakeformation", BI, "meshmarket-executor").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": stranger.arn}, Permissions=["SELECT"],
        Resource={"TableWithColumns": {**where, "ColumnNames": ["smoker"]}},
    )  # fmt: skip
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public")
    settle_group(group)
    (outside,) = (one for one in list_unmanaged_subgrants(account) if mesh.database in one.description)
    assert (outside.principal, outside.description) == (
        stranger.arn, f"SELECT on {mesh.database}.{mesh.table.name} (smoker)",
    )  # fmt: skip
    subgrant(mesh, group, account_grant)
    assert settle_group(group) == ["absent"]
    assert list_local_rows(mesh) == {stranger.arn}


def test_what_was_passed_on_and_taken_behind_the_portal_is_mended(mesh: Mesh, account_grant: Grant) -> None:
    group = make_local_group(mesh, "Analysts", mesh.roles[BI].arn)
    subgrant(mesh, group, account_grant, "public")
    settle_group(group)
    where = {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": mesh.table.name}
    mesh.cloud.client("lakeformation", BI, "meshmarket-executor").revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn}, Permissions=["SELECT"],
        Resource={"TableWithColumns": {**where, "ColumnNames": ["region"]}},
    )  # fmt: skip
    intent = SubgrantIntent.objects.get().intent
    deadline = time.monotonic() + 60
    while intent.presence != "unknown":
        assert time.monotonic() < deadline
        mesh.run_rounds(1)
        intent.refresh_from_db()
    assert settle_group(group) == ["present"]
    assert mesh.list_visible_columns() == ["policy_id", "region", "snapshot_date"]
