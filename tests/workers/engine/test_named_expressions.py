"""LF-Tag expressions that AWS keeps under a name: held by others, changed behind everybody, told."""

import time
from typing import Any

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.actions import catalog_scope_key, wake_scope
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import CatalogFacts
from fulfilment.permissions.models import DriftFinding
from kernel import clock
from lakeformation.drift import DifferenceKind
from tests.workers.lf_tag_grants import assign_tags
from tests.workers.mesh import Mesh


def grant_by_named_expression(mesh: Mesh) -> dict[str, Any]:
    """Somebody keeps an expression, and gives the role what it reaches."""
    named = {"CatalogId": GOVERNANCE, "Name": f"by-{mesh.database}"}
    lake = mesh.governance_client()
    lake.create_lf_tag_expression(**named, Expression=build_body(mesh, "gold"))
    lake.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "ExpressionName": named["Name"]}},
        Permissions=["SELECT"],
    )  # fmt: skip
    return named


def build_body(mesh: Mesh, *values: str) -> list[dict[str, Any]]:
    return [{"TagKey": mesh.database, "TagValues": list(values)}]


def wait_for_reading(mesh: Mesh) -> None:
    """Until another complete reading of the catalog is stored."""
    key = catalog_scope_key(mesh.catalog.pk)
    before = ScopeReading.objects.filter(scope__key=key).values_list("epoch", flat=True).first() or 0
    deadline = time.monotonic() + 60
    while not ScopeReading.objects.filter(scope__key=key, epoch__gt=before).exists():
        assert time.monotonic() < deadline
        wake_scope(scope_key=key, reason="the test wants to know", now=clock.now())
        mesh.run_rounds(5)


def list_findings(mesh: Mesh) -> list[str]:
    """What stands open after another complete reading of the catalog."""
    wait_for_reading(mesh)
    rows = DriftFinding.objects.filter(
        kind=DifferenceKind.EXPRESSION_CHANGED, gone_at=None, text__contains=mesh.database
    )
    return list(rows.values_list("text", flat=True))


def test_a_change_is_told_once_for_each_body_and_is_over_when_it_is_taken_back(mesh: Mesh) -> None:
    assign_tags(mesh)
    mesh.grant()
    named = grant_by_named_expression(mesh)
    assert list_findings(mesh) == []
    mesh.governance_client().update_lf_tag_expression(**named, Expression=build_body(mesh, "gold", "silver"))
    (text,) = list_findings(mesh)
    assert mesh.roles[BI].name in text
    assert (
        list_findings(mesh),
        DriftFinding.objects.filter(kind=DifferenceKind.EXPRESSION_CHANGED).count(),
    ) == ([text], 1)
    mesh.governance_client().update_lf_tag_expression(**named, Expression=build_body(mesh, "gold"))
    assert list_findings(mesh) == []


def test_one_that_was_deleted_is_forgotten_with_its_grants(mesh: Mesh) -> None:
    assign_tags(mesh)
    mesh.grant()
    named = grant_by_named_expression(mesh)
    assert list_findings(mesh) == []
    mesh.governance_client().delete_lf_tag_expression(**named)
    assert list_findings(mesh) == []
    facts = ScopeReading.objects.get(scope__catalog=mesh.catalog, scope__consumer=None).facts
    assert named["Name"] not in CatalogFacts.from_json(facts).named_expressions
