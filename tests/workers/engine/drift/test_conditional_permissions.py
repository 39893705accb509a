"""A permission that counts under a condition alone, made behind the portal, never stands for one that we grant."""

from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.catalog_permissions import PermissionStatus
from fulfilment.permissions.queries import PermissionFilter, iterate_catalog_permissions
from identity.accounts import ConnectedCatalog
from kernel import clock
from requests_app.permissions.actions import order_removal
from requests_app.permissions.queries import get_unmanaged_permission
from tests.workers.mesh import Mesh

CONDITION = "context.department == 'bi'"


def grant_beside_conditional(mesh: Mesh) -> ObservedPermission:
    """The very columns that are agreed to, and the grant beside them."""
    grant = mesh.grant()
    mesh.grant_outside_portal(["policy_id", "gender", "region"], condition=CONDITION)
    mesh.run_until_presence(grant, "present")
    mesh.run_rounds(10)
    return ObservedPermission.objects.get(condition=CONDITION, principal_arn=grant.principal.arn)


def test_what_is_held_under_a_condition_is_granted_all_the_same(mesh: Mesh) -> None:
    row = grant_beside_conditional(mesh)
    assert mesh.list_visible_columns()
    catalog = ConnectedCatalog.objects.get(pk=mesh.catalog.pk)
    lines = [
        one
        for one in iterate_catalog_permissions(
            PermissionFilter(catalog, frozenset({mesh.database})), clock.now()
        )
        if one.observed_id
    ]
    selects = {one.permission.condition: one.status for one in lines if one.permission.verb == "SELECT"}
    assert selects == {"": PermissionStatus.MANAGED, CONDITION: PermissionStatus.UNMANAGED}
    assert row.condition_key


def test_its_removal_leaves_what_was_granted(mesh: Mesh) -> None:
    row = grant_beside_conditional(mesh)
    _, line = get_unmanaged_permission(mesh.owner, row.pk, clock.now())
    order_removal(
        acting_user=mesh.owner, observed_id=row.pk, key=line.key, reason="Nobody knows what for.", now=clock.now()
    )  # fmt: skip
    mesh.run_rounds(20)
    rows = mesh.governance_client().list_permissions()["PrincipalResourcePermissions"]
    mine = [one for one in rows if one["Principal"]["DataLakePrincipalIdentifier"] == row.principal_arn]
    assert not [one for one in mine if "Condition" in one]
    assert mesh.list_visible_columns()
