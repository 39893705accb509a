"""What somebody gave by LF-Tags behind the portal is adopted, proven as it stands, and taken away when it is revoked."""

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.observations.models import Observed
from lakeformation.values.tag_expressions import TagExpression
from requests_app.grants.models import Grant
from tests.adopting import adopt_as_seen
from tests.workers.mesh import Mesh
from tests.workers.tags import carry


def slip_in_by_tags(mesh: Mesh) -> None:
    """Both verbs on tables, which AWS lists as two permissions."""
    expression = TagExpression.of({mesh.database: ["gold"]})
    policy = {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "Expression": expression.to_aws()}
    mesh.governance().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": policy},
        Permissions=["SELECT", "DESCRIBE"],
    )


def held_by_tags(mesh: Mesh) -> list[Observed]:
    mine = Observed.objects.filter(principal_arn=mesh.roles[BI].arn, tagged__startswith="TABLE:")
    return list(mine.order_by("verb"))


def adopt(mesh: Mesh, row: Observed) -> Grant:
    return adopt_as_seen(row, by=mesh.owner, owner=mesh.people[BI])


def test_it_is_proven_without_a_call_and_goes_whole_when_it_is_revoked(mesh: Mesh) -> None:
    carry(mesh)
    slip_in_by_tags(mesh)
    mesh.work(10)
    describe, select = held_by_tags(mesh)
    before = mesh.last_call()
    grant = adopt(mesh, select)
    mesh.work_until(grant, "present")
    assert mesh.writes(before) == []
    assert [one.verb for one in held_by_tags(mesh)] == [describe.verb, select.verb]
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.work(10)
    assert set(mesh.writes(before)) == {"BatchRevokePermissions"}
    assert held_by_tags(mesh) == []
