"""A permission from behind the portal becomes a grant, or is taken away, on a person's word; AWS shows which."""

from datetime import timedelta

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.catalog_permissions import PermissionStatus
from fulfilment.permissions.queries import PermissionFilter, iterate_catalog_permissions
from fulfilment.rounds import StepEntry
from identity.accounts import ConnectedCatalog
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.permissions.actions import order_removal
from requests_app.permissions.queries import get_unmanaged_permission
from tests.adoption import adopt_observed
from tests.database import as_role
from tests.workers.mesh import Mesh


def get_unmanaged(mesh: Mesh, verb: str = "SELECT") -> ObservedPermission:
    """As the workers last read it, once they have."""
    mesh.run_rounds(10)
    return ObservedPermission.objects.get(
        principal_arn=mesh.roles[BI].arn, database=mesh.database, table=mesh.table.name, verb=verb
    )


def adopt(mesh: Mesh, row: ObservedPermission) -> Grant:
    return adopt_observed(row, by=mesh.owner, owner=mesh.people[BI])


def order_observed_removal(mesh: Mesh, row: ObservedPermission) -> Intent:
    _, line = get_unmanaged_permission(mesh.owner, row.pk, clock.now())
    removal = order_removal(
        acting_user=mesh.owner,
        observed_id=row.pk,
        key=line.key,
        reason="Nobody knows what for.",
        now=clock.now(),
    )
    return removal.intent


def list_standings(mesh: Mesh) -> dict[str, list[str]]:
    catalog = ConnectedCatalog.objects.get(pk=mesh.catalog.pk)
    found: dict[str, list[str]] = {}
    for line in iterate_catalog_permissions(
        PermissionFilter(catalog, frozenset({mesh.database})), clock.now()
    ):
        if line.permission.principal == mesh.roles[BI].arn:
            found.setdefault(line.status, []).append(line.permission.verb)
    return found


def test_what_is_adopted_is_proven_without_a_call_and_taken_away_when_it_is_revoked(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["gender", "region"])
    row = get_unmanaged(mesh)
    assert list_standings(mesh) == {PermissionStatus.UNMANAGED: ["SELECT"]}
    before = mesh.get_last_call()
    grant = adopt(mesh, row)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_writes(before) == []
    assert list_standings(mesh) == {PermissionStatus.MANAGED: ["SELECT"]}
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_writes(before) == ["BatchRevokePermissions"]
    assert mesh.list_held_columns() == {}


def test_an_adopted_grant_ends_by_itself(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["gender"])
    grant = adopt(mesh, get_unmanaged(mesh))
    mesh.run_until_presence(grant, "present")
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=31))
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns() == {}


def test_what_was_adopted_and_revoked_before_any_proof_is_taken_away_all_the_same(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["gender"])
    grant = adopt(mesh, get_unmanaged(mesh))
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns() == {}


def test_a_removal_takes_exactly_what_was_shown_and_is_proven(mesh: Mesh) -> None:
    grant = mesh.grant(["gender"])
    mesh.run_until_presence(grant, "present")
    mesh.grant_outside_portal(["smoker"])
    intent = order_observed_removal(mesh, get_unmanaged(mesh))
    before = mesh.get_last_call()
    mesh.run_rounds(20)
    intent.refresh_from_db()
    assert (intent.presence, intent.is_proven) == ("absent", True)
    assert mesh.list_writes(before) == ["BatchRevokePermissions"]
    entry = StepEntry.objects.get(intents__contains=[intent.pk])
    assert (entry.action, entry.atom["columns"]) == ("revoke", {"include": ["smoker"]})
    assert mesh.list_held_columns()["SELECT"] == ["gender"]
    mesh.run_until_presence(grant, "present")


def test_a_removal_is_done_once_and_not_when_it_is_granted_again(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["smoker"])
    intent = order_observed_removal(mesh, get_unmanaged(mesh))
    mesh.run_rounds(10)
    mesh.grant_outside_portal(["smoker"])
    mesh.run_rounds(10)
    intent.refresh_from_db()
    assert intent.presence == "absent"
    assert mesh.list_held_columns()["SELECT"] == ["smoker"]


def test_a_grant_agreed_to_after_the_order_keeps_its_columns(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["gender", "smoker"])
    intent = order_observed_removal(mesh, get_unmanaged(mesh))
    grant = mesh.grant(["gender"])
    mesh.run_until_presence(grant, "present")
    mesh.run_rounds(10)
    intent.refresh_from_db()
    assert intent.presence == "absent"
    assert mesh.list_held_columns()["SELECT"] == ["gender"]


def test_iam_allowed_principals_is_removed_from_a_table(mesh: Mesh) -> None:
    table = {"Table": {"DatabaseName": mesh.database, "Name": mesh.table.name}}
    change = {"do": "add_iam_allowed_principals", "account": GOVERNANCE, "region": mesh.catalog.region}
    mesh.cloud.control("change", {**change, "Resource": table})
    mesh.run_rounds(10)
    row = ObservedPermission.objects.get(database=mesh.database, table=mesh.table.name, verb="ALL")
    intent = order_observed_removal(mesh, row)
    mesh.run_rounds(10)
    intent.refresh_from_db()
    assert intent.presence == "absent"
    with as_role("meshmarket_worker"):
        assert not ObservedPermission.objects.filter(pk=row.pk).exists()
