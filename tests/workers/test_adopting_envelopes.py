"""What somebody gave to an account as a whole is adopted as its envelope: proven as it stands, passed on, and ended whole."""

from datetime import timedelta
from typing import Any

import pytest

from audit import clock
from fulfilment.models import Observed
from lakeformation.tags import TagExpression
from requests_app.ledger.actions import adopt_permission
from requests_app.ledger.adoption import adoptable, adopted_effects, drafted
from requests_app.ledger.lines import unmanaged_line
from requests_app.models import Grant, LocalHold
from requests_app.passing_on.actions import add_member, make_group, pass_on
from requests_app.passing_on.plans import change_plan
from tests import factories
from tests.awsim.cloud import BI, GOVERNANCE
from tests.workers.mesh import Mesh
from tests.workers.tags import carry
from tests.workers.whole import know

WITH_OPTION = True


@pytest.fixture(autouse=True)
def account_as_a_whole(mesh: Mesh) -> None:
    factories.whole(mesh.teams[BI].accounts.get())


def give(mesh: Mesh, resource: dict[str, Any], *verbs: str, option: bool = WITH_OPTION) -> None:
    """As somebody would by the console of AWS."""
    mesh.governance().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": BI}, Resource=resource, Permissions=list(verbs),
        PermissionsWithGrantOption=list(verbs) if option else [],
    )  # fmt: skip


def give_columns(mesh: Mesh, *columns: str, option: bool = WITH_OPTION) -> None:
    give(mesh, {"Database": {"Name": mesh.database}}, "DESCRIBE", option=option)
    where = {"DatabaseName": mesh.database, "Name": mesh.table.name, "ColumnNames": list(columns)}
    give(mesh, {"TableWithColumns": where}, "SELECT", option=option)


def held(mesh: Mesh) -> set[tuple[str, str, bool]]:
    """On what, which verb, with the option or without: all that the account was last seen to hold."""
    rows = Observed.objects.filter(catalog=mesh.catalog, principal_arn=BI)
    return {
        (row.policy.get("kind", "") if row.policy else row.table, row.verb, row.grantable)
        for row in rows
        if row.database == mesh.database or mesh.database in str(row.policy)
    }


def adopt(mesh: Mesh, table: str = "") -> Grant:
    """The SELECT that the account was last seen to hold, once it was read."""
    mesh.work(10)
    rows = Observed.objects.filter(catalog=mesh.catalog, principal_arn=BI, verb="SELECT", grantable=False)
    (row,) = (one for one in rows if one.table == table and mesh.database in f"{one.database}{one.policy}")
    owner, now = mesh.people[BI], clock.now()
    said: dict[str, Any] = {"reason": "Shared since 2021", "ends_at": now + timedelta(days=30)}
    found = adoptable(*unmanaged_line(mesh.owner, row.pk, now), mesh.owner)
    shown = adopted_effects(drafted(found, owner, now=now, **said), found)
    return adopt_permission(
        acting_user=mesh.owner, observed_id=row.pk, owner=owner, effects_hash=shown.digest(), now=now, **said
    )


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
    give(mesh, {"Table": {"DatabaseName": mesh.database, "Name": mesh.table.name}}, "SELECT", "DESCRIBE")
    before = mesh.last_call()
    grant = adopt(mesh, mesh.table.name)
    mesh.work_until(grant, "present")
    mesh.work(10)
    assert (mesh.writes(before), len(held(mesh))) == ([], 4)
    assert revoked(mesh, grant, before) == set()


def test_every_table_of_a_database(mesh: Mesh) -> None:
    know(mesh)
    give(mesh, {"Table": {"DatabaseName": mesh.database, "TableWildcard": {}}}, "SELECT", "DESCRIBE")
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
        give(mesh, {"LFTagPolicy": policy}, *verbs)
    before = mesh.last_call()
    grant = adopt(mesh)
    mesh.work_until(grant, "present")
    assert (mesh.writes(before), len(held(mesh))) == ([], 6)
    assert revoked(mesh, grant, before) == set()


def test_a_group_reads_by_it_and_what_was_passed_on_ends_with_it(mesh: Mesh) -> None:
    mesh.table.columns.filter(name__in=["gender", "region"]).update(classification="public")
    give_columns(mesh, "gender", "region")
    location = mesh.governance("glue").get_table(DatabaseName=mesh.database, Name=mesh.table.name)
    register(mesh, location["Table"]["StorageDescriptor"]["Location"])
    grant = adopt(mesh, mesh.table.name)
    mesh.work_until(grant, "present")
    tom, now = mesh.people[BI], clock.now()
    group = make_group(acting_user=tom, account_id=BI, name="Analysts", now=now)
    add_member(acting_user=tom, account_id=BI, group_id=group.pk, arn=mesh.roles[BI].arn, now=now)
    choices = {(group.pk, grant.pk): frozenset({"public"})}
    plan = change_plan(group.account, choices, now)
    pass_on(acting_user=tom, account_id=BI, choices=choices, plan_hash=plan.digest(), now=now)
    local = LocalHold.objects.get()
    mesh.work_until(local, "present")
    assert mesh.visible() == ["gender", "region", "snapshot_date"]
    mesh.revoke(grant)
    mesh.work_until(local, "absent")
    mesh.work_until(grant, "absent")
    mesh.work(10)
    assert (mesh.visible(), held(mesh)) == ([], set())


def register(mesh: Mesh, uri: str) -> None:
    arn = f"arn:aws:s3:::{uri.removeprefix('s3://').rstrip('/')}"
    mesh.governance().register_resource(
        ResourceArn=arn, UseServiceLinkedRole=False, RoleArn=mesh.catalog.location_role_arn
    )
