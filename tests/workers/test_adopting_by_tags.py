"""What somebody gave by LF-Tags behind the portal is adopted, proven as it stands, and taken away when it is revoked."""

from datetime import timedelta
from typing import Any

from audit import clock
from fulfilment.models import Observed
from lakeformation.tags import TagExpression
from requests_app.ledger.actions import adopt_permission
from requests_app.ledger.adoption import adoptable, adopted_effects, drafted
from requests_app.ledger.lines import unmanaged_line
from requests_app.models import Grant
from tests.awsim.cloud import BI, GOVERNANCE
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
    owner, now = mesh.people[BI], clock.now()
    said: dict[str, Any] = {"reason": "Nightly export since 2021", "ends_at": now + timedelta(days=30)}
    found = adoptable(*unmanaged_line(mesh.owner, row.pk, now), mesh.owner)
    shown = adopted_effects(drafted(found, owner, now=now, **said), found)
    return adopt_permission(
        acting_user=mesh.owner, observed_id=row.pk, owner=owner, effects_hash=shown.digest(), now=now, **said
    )


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
