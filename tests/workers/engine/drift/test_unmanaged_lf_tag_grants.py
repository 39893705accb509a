"""What somebody granted by LF-Tags behind the portal is listed, and goes on a person's word alone."""

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionStatus
from fulfilment.permissions.queries import PermissionFilter, iterate_catalog_permissions
from identity.accounts import ConnectedCatalog
from kernel import clock
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.permissions.actions import order_removal
from tests import factories
from tests.workers.mesh import Mesh

OPEN = TagPolicy("TABLE", TagExpression.from_values({"confidentiality": ["public"]}))


def list_lines(mesh: Mesh) -> list[CatalogPermission]:
    catalog = ConnectedCatalog.objects.get(pk=mesh.catalog.pk)
    return [
        line
        for line in iterate_catalog_permissions(PermissionFilter(catalog), clock.now())
        if line.permission.policy == OPEN
    ]


def test_it_is_unmanaged_and_its_removal_is_ordered_and_proven(mesh: Mesh) -> None:
    policy = {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "Expression": OPEN.expression.to_aws()}
    mesh.governance_client().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": policy},
        Permissions=["SELECT", "DESCRIBE"],
    )
    mesh.run_rounds(10)
    found = {line.permission.verb: line for line in list_lines(mesh)}
    assert {verb: line.status for verb, line in found.items()} == {
        "DESCRIBE": PermissionStatus.UNMANAGED,
        "SELECT": PermissionStatus.UNMANAGED,
    }
    line = found["SELECT"]
    assert line.observed_id is not None
    order_removal(
        acting_user=factories.make_admin(), observed_id=line.observed_id, key=line.key,
        reason="Nobody knows what for.", now=clock.now(),
    )  # fmt: skip
    mesh.run_rounds(10)
    assert [line.permission.verb for line in list_lines(mesh)] == ["DESCRIBE"]
