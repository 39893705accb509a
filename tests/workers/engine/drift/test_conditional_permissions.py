"""A permission that counts under a condition alone, made behind the portal, never stands for one that we grant."""

from audit import clock
from fulfilment.ledger.lines import Standing
from fulfilment.ledger.queries import Excerpt, every_line
from fulfilment.observations.models import Observed
from identity.accounts.models import ConnectedCatalog
from requests_app.permissions.actions import order_removal
from requests_app.permissions.queries import get_unmanaged_permission
from tests.workers.mesh import Mesh

CONDITION = "context.department == 'bi'"


def conditional(mesh: Mesh) -> Observed:
    """The very columns that are agreed to, and the grant beside them."""
    grant = mesh.grant()
    mesh.slip_in(["policy_id", "gender", "region"], condition=CONDITION)
    mesh.work_until(grant, "present")
    mesh.work(10)
    return Observed.objects.get(condition=CONDITION, principal_arn=grant.principal.arn)


def test_what_is_held_under_a_condition_is_granted_all_the_same(mesh: Mesh) -> None:
    row = conditional(mesh)
    assert mesh.visible()
    catalog = ConnectedCatalog.objects.get(pk=mesh.catalog.pk)
    lines = [
        one for one in every_line(Excerpt(catalog, frozenset({mesh.database})), clock.now()) if one.observed
    ]
    selects = {one.permission.condition: one.standing for one in lines if one.permission.verb == "SELECT"}
    assert selects == {"": Standing.MANAGED, CONDITION: Standing.UNMANAGED}
    assert row.condition_key


def test_its_removal_leaves_what_was_granted(mesh: Mesh) -> None:
    row = conditional(mesh)
    _, line = get_unmanaged_permission(mesh.owner, row.pk, clock.now())
    order_removal(
        acting_user=mesh.owner, observed_id=row.pk, key=line.key, reason="Nobody knows what for.", now=clock.now()
    )  # fmt: skip
    mesh.work(20)
    rows = mesh.governance().list_permissions()["PrincipalResourcePermissions"]
    mine = [one for one in rows if one["Principal"]["DataLakePrincipalIdentifier"] == row.principal_arn]
    assert not [one for one in mine if "Condition" in one]
    assert mesh.visible()
