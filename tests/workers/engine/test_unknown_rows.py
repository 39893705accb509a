"""A row of a kind that this version does not know is told, counted, and in the way of each proof that something is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from demo.bank.accounts import BI, GOVERNANCE, REGION
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift import DifferenceKind
from marketplace.metrics import STORED_METRICS
from tests.workers.engine.drift.test_findings import change_outside_portal, wait_for_closed, wait_for_finding
from tests.workers.engine.test_adoption_and_removal import get_unmanaged, order_observed_removal
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.mesh import Mesh

KIND = DifferenceKind.UNKNOWN_PERMISSION
ANY_TABLE = {"AnyResource": {"CatalogId": GOVERNANCE, "ResourceType": "TABLE"}}
FUNCTION = f"arn:aws:glue:{REGION}:{GOVERNANCE}:userDefinedFunction/db/mask"
REASON = "AWS holds a permission that this version cannot judge"


@contextmanager
def list_row(mesh: Mesh, principal: str, account: str = GOVERNANCE) -> Iterator[None]:
    row: dict[str, Any] = {
        "Principal": {"DataLakePrincipalIdentifier": principal},
        "Resource": ANY_TABLE,
        "Permissions": ["SELECT"],
        "PermissionsWithGrantOption": [],
    }
    change_outside_portal(mesh, "list_row", account, Row=row)
    try:
        yield
    finally:
        change_outside_portal(mesh, "unlist_row", account, Row=row)


def count_unknown_rows() -> dict[tuple[str, ...], float]:
    (metric,) = (one for one in STORED_METRICS if one.name == "meshmarket_unknown_rows")
    return {tuple(one.labels.values()): one.value for one in metric.read().samples}


def test_a_row_of_its_principal_is_told_and_keeps_an_ended_grant_unproven(mesh: Mesh) -> None:
    grant, role = mesh.grant(), mesh.roles[BI]
    mesh.run_until_presence(grant, "present")
    with list_row(mesh, role.arn):
        finding = wait_for_finding(mesh, KIND)
        assert finding.text == f"{role.name} holds SELECT on AnyResource TABLE"
        assert finding.principal_arn == role.arn
        assert count_unknown_rows()["catalog",] == 1
        assert mesh.get_intent(grant).presence == "present"
        mesh.revoke(grant)
        intent = mesh.run_until(grant, lambda intent: intent.failure.startswith(REASON))
        mesh.run_rounds(5)
        assert mesh.list_held_columns() == {}
        assert mesh.get_intent(grant).proven_generation != intent.generation
        assert DriftFinding.objects.get(kind=KIND).gone_at is None
    mesh.run_until_presence(grant, "absent")
    assert mesh.get_intent(grant).failure == ""
    wait_for_closed(mesh, KIND)
    assert count_unknown_rows()["catalog",] == 0


@pytest.mark.parametrize("holder", [FUNCTION, BI])
def test_a_row_for_many_concerns_each_grant_that_ends(mesh: Mesh, holder: str) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    with list_row(mesh, holder):
        mesh.revoke(grant)
        mesh.run_until(grant, lambda intent: intent.failure.startswith(REASON))
    mesh.run_until_presence(grant, "absent")


def test_a_row_in_the_consumers_account_is_told_too(mesh: Mesh) -> None:
    grant = mesh.grant()
    with list_row(mesh, mesh.roles[BI].arn, BI), list_row(mesh, f"arn:aws:iam::{BI}:role/stranger", BI):
        mesh.run_until_presence(grant, "present")
        assert wait_for_finding(mesh, KIND).principal_arn == mesh.roles[BI].arn
        assert DriftFinding.objects.filter(kind=KIND).count() == 1
        assert count_unknown_rows()["share",] == 1
        mesh.revoke(grant)
        mesh.run_until(grant, lambda intent: intent.failure.startswith(REASON))
    mesh.run_until_presence(grant, "absent")
    wait_for_closed(mesh, KIND)


def test_a_removal_is_not_proven_beside_it(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["smoker"])
    intent = order_observed_removal(mesh, get_unmanaged(mesh))
    with list_row(mesh, mesh.roles[BI].arn):
        wait_for_finding(mesh, KIND)
        mesh.run_rounds(10)
        intent.refresh_from_db()
        assert mesh.list_held_columns() == {}
        assert (intent.presence, intent.failure[: len(REASON)]) == ("unseen", REASON)
    run_rounds_until(lambda: Intent.objects.get(pk=intent.pk).presence == "absent")
    wait_for_closed(mesh, KIND)
