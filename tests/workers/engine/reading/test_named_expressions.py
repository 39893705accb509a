"""LF-Tag expressions that AWS keeps under a name: held by others, changed behind everybody, told."""

import time
from typing import Any

from audit import clock
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.actions import catalog_scope_key, wake
from fulfilment.ledger.models import Finding
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import CatalogFacts
from lakeformation.drift.differences import Kind
from tests.workers.mesh import Mesh
from tests.workers.tags import carry


def hold_by_name(mesh: Mesh) -> dict[str, Any]:
    """Somebody keeps an expression, and gives the role what it reaches."""
    named = {"CatalogId": GOVERNANCE, "Name": f"by-{mesh.database}"}
    lake = mesh.governance()
    lake.create_lf_tag_expression(**named, Expression=body(mesh, "gold"))
    lake.grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "ExpressionName": named["Name"]}},
        Permissions=["SELECT"],
    )  # fmt: skip
    return named


def body(mesh: Mesh, *values: str) -> list[dict[str, Any]]:
    return [{"TagKey": mesh.database, "TagValues": list(values)}]


def read_again(mesh: Mesh) -> None:
    """Until another complete reading of the catalog is stored."""
    key = catalog_scope_key(mesh.catalog.pk)
    before = ScopeReading.objects.filter(scope__key=key).values_list("epoch", flat=True).first() or 0
    deadline = time.monotonic() + 60
    while not ScopeReading.objects.filter(scope__key=key, epoch__gt=before).exists():
        assert time.monotonic() < deadline
        wake(scope_key=key, reason="the test wants to know", now=clock.now())
        mesh.work(5)


def told(mesh: Mesh) -> list[str]:
    """What stands open after another complete reading of the catalog."""
    read_again(mesh)
    rows = Finding.objects.filter(kind=Kind.EXPRESSION_CHANGED, gone_at=None, text__contains=mesh.database)
    return list(rows.values_list("text", flat=True))


def test_a_change_is_told_once_for_each_body_and_is_over_when_it_is_taken_back(mesh: Mesh) -> None:
    carry(mesh)
    mesh.grant()
    named = hold_by_name(mesh)
    assert told(mesh) == []
    mesh.governance().update_lf_tag_expression(**named, Expression=body(mesh, "gold", "silver"))
    (text,) = told(mesh)
    assert mesh.roles[BI].name in text
    assert (told(mesh), Finding.objects.filter(kind=Kind.EXPRESSION_CHANGED).count()) == ([text], 1)
    mesh.governance().update_lf_tag_expression(**named, Expression=body(mesh, "gold"))
    assert told(mesh) == []


def test_one_that_was_deleted_is_told_and_one_that_nobody_holds_by_is_forgotten(mesh: Mesh) -> None:
    carry(mesh)
    mesh.grant()
    named = hold_by_name(mesh)
    assert told(mesh) == []
    mesh.governance().delete_lf_tag_expression(**named)
    (text,) = told(mesh)
    assert "is not there" in text
    mesh.governance().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"LFTagPolicy": {"CatalogId": GOVERNANCE, "ResourceType": "TABLE", "ExpressionName": named["Name"]}},
        Permissions=["SELECT"],
    )  # fmt: skip
    assert told(mesh) == []
    facts = ScopeReading.objects.get(scope__catalog=mesh.catalog, scope__consumer=None).facts
    assert named["Name"] not in CatalogFacts.from_json(facts).expressions
