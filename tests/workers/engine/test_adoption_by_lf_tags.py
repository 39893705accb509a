"""What somebody gave by LF-Tags behind the portal is adopted, proven as it stands, and taken away when it is revoked."""

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.observations.models import ObservedPermission
from lakeformation.values.tag_expressions import TagExpression
from requests_app.grants.models import Grant
from tests.adoption import adopt_observed
from tests.workers.lf_tag_grants import assign_tags
from tests.workers.mesh import Mesh


def grant_by_tags_outside_portal(mesh: Mesh) -> None:
    """Both verbs on tables, which AWS lists as two permissions."""
    expression = TagExpression.from_values({mesh.database: ["gold"]})
    policy = {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "Expression": expression.to_aws()}
    mesh.governance_client().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": policy},
        Permissions=["SELECT", "DESCRIBE"],
    )


def list_held_by_tags(mesh: Mesh) -> list[ObservedPermission]:
    mine = ObservedPermission.objects.filter(principal_arn=mesh.roles[BI].arn, tagged__startswith="TABLE:")
    return list(mine.order_by("verb"))


def adopt(mesh: Mesh, row: ObservedPermission) -> Grant:
    return adopt_observed(row, by=mesh.owner, owner=mesh.people[BI])


def test_it_is_proven_without_a_call_and_goes_whole_when_it_is_revoked(mesh: Mesh) -> None:
    assign_tags(mesh)
    grant_by_tags_outside_portal(mesh)
    mesh.run_rounds(10)
    describe, select = list_held_by_tags(mesh)
    before = mesh.get_last_call()
    grant = adopt(mesh, select)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_writes(before) == []
    assert [one.verb for one in list_held_by_tags(mesh)] == [describe.verb, select.verb]
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.run_rounds(10)
    assert set(mesh.list_writes(before)) == {"BatchRevokePermissions"}
    assert list_held_by_tags(mesh) == []
