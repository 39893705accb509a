"""Local groups of one account read different columns of one envelope: passed on by that account's own executor."""

import time

import pytest

from audit import clock
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.models import Intent
from identity.accounts.models import LocalGroup, Principal
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import add_member, make_group, pass_on
from requests_app.grants.subgrants.models import LocalHold
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.grants.subgrants.unmanaged import list_unmanaged_subgrants
from tests import factories
from tests.workers.landscape import make_role
from tests.workers.mesh import Mesh
from tests.workers.working import work_till

ALL = ("policy_id", "gender", "region", "smoker")
RULE = "region = 'Ost'"


def classify(mesh: Mesh, **classes: str) -> None:
    for name, classification in classes.items():
        mesh.table.columns.filter(name=name).update(classification=classification)


def group_of(mesh: Mesh, name: str, arn: str) -> LocalGroup:
    tom, now = mesh.people[BI], clock.now()
    group = make_group(acting_user=tom, account_id=BI, name=name, now=now)
    add_member(acting_user=tom, account_id=BI, group_id=group.pk, arn=arn, now=now)
    return group


def another_role(mesh: Mesh) -> Principal:
    name = f"second-{time.time_ns()}"
    found = make_role(mesh.cloud.client("iam", BI), BI, name)
    account = mesh.teams[BI].accounts.get()
    return factories.make_principal(account, name, unique_id=found["RoleId"])


def give(mesh: Mesh, group: LocalGroup, envelope: Grant, *classes: str) -> None:
    choices = {(group.pk, envelope.pk): frozenset(classes)}
    plan = build_subgrant_plan(group.account, choices, clock.now())
    pass_on(
        acting_user=mesh.people[BI], account_id=BI, choices=choices, plan_hash=plan.digest(), now=clock.now()
    )


def settle(group: LocalGroup) -> list[str]:
    """Converge until every intent of the group is proven; what they are by then, the newest first."""
    mine = LocalHold.objects.filter(local_grant__group=group).values("intent")
    intents = Intent.objects.filter(pk__in=mine).order_by("-pk")
    work_till(lambda: all(one.is_proven for one in intents.all()), seconds=60)
    assert all(one.is_proven for one in intents.all()), [(one.presence, one.failure) for one in intents]
    return [one.presence for one in intents.all()]


def local_rows(mesh: Mesh) -> set[str]:
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
def envelope(mesh: Mesh) -> Grant:
    classify(mesh, policy_id="public", gender="private", region="public", smoker="sensitive")
    grant = mesh.envelope(ALL)
    mesh.work_until(grant, "present")
    return grant


def test_two_groups_of_one_account_read_different_columns(mesh: Mesh, envelope: Grant) -> None:
    first, second = mesh.roles[BI], another_role(mesh)
    analysts, actuaries = group_of(mesh, "Analysts", first.arn), group_of(mesh, "Actuaries", second.arn)
    give(mesh, analysts, envelope, "public")
    give(mesh, actuaries, envelope, "public", "sensitive")
    assert (settle(analysts), settle(actuaries)) == (["present"], ["present"])
    assert mesh.visible() == ["policy_id", "region", "snapshot_date"]
    mesh.roles[BI] = second
    assert mesh.visible() == ["policy_id", "region", "smoker", "snapshot_date"]
    give(mesh, actuaries, envelope, "private")
    assert settle(actuaries) == ["present", "absent"]
    assert mesh.visible() == ["gender", "snapshot_date"]


def test_the_end_of_the_envelope_takes_what_was_passed_on_out_of_aws(mesh: Mesh, envelope: Grant) -> None:
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public", "private")
    settle(group)
    assert local_rows(mesh) == {mesh.roles[BI].arn}
    mesh.revoke(envelope)
    mesh.work_until(envelope, "absent")
    assert settle(group) == ["absent"]
    assert (mesh.visible(), local_rows(mesh)) == ([], set())
    again = mesh.envelope(ALL)
    mesh.work_until(again, "present")
    assert mesh.visible() == []


def test_the_cells_of_a_row_rule_are_passed_on_as_they_are(mesh: Mesh) -> None:
    ruled = mesh.envelope(("policy_id", "region"), rows=RULE)
    mesh.work_until(ruled, "present")
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, ruled, "all")
    assert settle(group) == ["present"]
    assert mesh.rows_of("region") == [["Ost"]]
    mesh.revoke(ruled)
    assert settle(group) == ["absent"]
    mesh.work(6)
    assert (mesh.rows_of("region"), mesh.filters()) == ([], {})


def test_a_group_and_a_roles_own_grant_do_not_touch_each_other(mesh: Mesh, envelope: Grant) -> None:
    direct = mesh.grant(("gender",))
    mesh.work_until(direct, "present")
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public")
    settle(group)
    assert mesh.visible() == ["policy_id", "gender", "region", "snapshot_date"]
    give(mesh, group, envelope)
    assert settle(group) == ["absent"]
    assert mesh.visible() == ["gender", "snapshot_date"]


def test_what_somebody_passed_on_by_hand_is_shown_and_left_alone(mesh: Mesh, envelope: Grant) -> None:
    account, stranger = mesh.teams[BI].accounts.get(), another_role(mesh)
    where = {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": mesh.table.name}
    mesh.cloud.client("lakeformation", BI, "meshmarket-executor").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": stranger.arn}, Permissions=["SELECT"],
        Resource={"TableWithColumns": {**where, "ColumnNames": ["smoker"]}},
    )  # fmt: skip
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public")
    settle(group)
    (outside,) = (one for one in list_unmanaged_subgrants(account) if mesh.database in one.what)
    assert (outside.principal, outside.what) == (
        stranger.arn, f"SELECT on {mesh.database}.{mesh.table.name} (smoker)",
    )  # fmt: skip
    give(mesh, group, envelope)
    assert settle(group) == ["absent"]
    assert local_rows(mesh) == {stranger.arn}


def test_what_was_passed_on_and_taken_behind_the_portal_is_mended(mesh: Mesh, envelope: Grant) -> None:
    group = group_of(mesh, "Analysts", mesh.roles[BI].arn)
    give(mesh, group, envelope, "public")
    settle(group)
    where = {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": mesh.table.name}
    mesh.cloud.client("lakeformation", BI, "meshmarket-executor").revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn}, Permissions=["SELECT"],
        Resource={"TableWithColumns": {**where, "ColumnNames": ["region"]}},
    )  # fmt: skip
    intent = LocalHold.objects.get().intent
    deadline = time.monotonic() + 60
    while intent.presence != "unknown":
        assert time.monotonic() < deadline
        mesh.work(1)
        intent.refresh_from_db()
    assert settle(group) == ["present"]
    assert mesh.visible() == ["policy_id", "region", "snapshot_date"]
