"""What somebody granted by LF-Tags behind the portal stands in the ledger, and goes on a person's word alone."""

from audit import clock
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.ledger.lines import Line, Standing
from fulfilment.ledger.queries import Excerpt, every_line
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.permissions.actions import order_removal
from tests import factories
from tests.workers.mesh import Mesh

OPEN = TagPolicy("TABLE", TagExpression.of({"confidentiality": ["public"]}))


def lines(mesh: Mesh) -> list[Line]:
    catalog = ConnectedCatalog.objects.get(pk=mesh.catalog.pk)
    return [line for line in every_line(Excerpt(catalog), clock.now()) if line.permission.policy == OPEN]


def test_it_is_unmanaged_and_its_removal_is_ordered_and_proven(mesh: Mesh) -> None:
    policy = {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "Expression": OPEN.expression.to_aws()}
    mesh.governance().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": policy},
        Permissions=["SELECT", "DESCRIBE"],
    )
    mesh.work(10)
    found = {line.permission.verb: line for line in lines(mesh)}
    assert {verb: line.standing for verb, line in found.items()} == {
        "DESCRIBE": Standing.UNMANAGED,
        "SELECT": Standing.UNMANAGED,
    }
    line = found["SELECT"]
    assert line.observed is not None
    order_removal(
        acting_user=factories.make_admin(), observed_id=line.observed, key=line.key,
        reason="Nobody knows what for.", now=clock.now(),
    )  # fmt: skip
    mesh.work(10)
    assert [line.permission.verb for line in lines(mesh)] == ["DESCRIBE"]
