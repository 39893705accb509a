"""Row-level security policies beside grants: read in every round, told as findings, and in the way of proving which rows are shown."""

import json
import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from demo.bank.accounts import BI, GOVERNANCE, OBSERVER_ROLE
from fulfilment.observations.storage import load_row_policies
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift import DifferenceKind
from lakeformation.values.row_policies import LISTING_ACTIONS
from requests_app.targets.checks import compute_effects
from tests.workers.aws_setup import make_principal
from tests.workers.engine.drift.test_findings import grant_present, wait_for_closed, wait_for_finding
from tests.workers.engine.test_named_expressions import wait_for_reading
from tests.workers.mesh import Mesh

KIND = DifferenceKind.ROW_POLICY
EAST = "region = 'EAST'"


@pytest.fixture
def lake(mesh: Mesh) -> Iterator[Any]:
    """Lake Formation of the catalog's account, with a policy that is attached to nothing; it is gone afterwards."""
    lake = mesh.governance_client()
    lake.create_rls_policy(
        Name="east", AttachmentColumns=[{"Name": "region", "Type": "string"}], FilterExpression=EAST
    )
    yield lake
    lake.delete_rls_policy(Name="east")


def build_attachment(mesh: Mesh, **besides: Any) -> dict[str, Any]:
    table = {"Table": {"DatabaseName": mesh.database, "Name": mesh.table.name}}
    principal = {"Principal": {"DataLakePrincipalIdentifier": mesh.roles[BI].arn}}
    return {"Name": "east", "Resource": table, **(besides or principal)}


def test_an_attachment_makes_the_rows_of_a_grant_not_known(mesh: Mesh, lake: Any) -> None:
    grant = grant_present(mesh)
    assert mesh.get_intent(grant).usable is True
    assert load_row_policies(mesh.catalog).unread == ""
    lake.attach_rls_policy(**build_attachment(mesh))
    row = wait_for_finding(mesh, KIND)
    told = f"rows of {mesh.database}.{mesh.table.name} are also decided by row-level security policy east ({EAST})"
    assert row.text == f"{told} for {mesh.roles[BI].name}"
    intent = mesh.run_until(grant, lambda intent: intent.usable is None)
    assert (intent.presence, intent.is_proven) == ("present", True)
    lake.detach_rls_policy(**build_attachment(mesh))
    mesh.run_until(grant, lambda intent: intent.usable is True)
    wait_for_closed(mesh, KIND)


def test_a_changed_text_is_another_finding(mesh: Mesh, lake: Any) -> None:
    grant_present(mesh)
    lake.attach_rls_policy(**build_attachment(mesh, SetDefault=True))
    first = wait_for_finding(mesh, KIND)
    lake.update_rls_policy(Name="east", FilterExpression="region = 'WEST'")
    wait_for_closed(mesh, KIND)
    second = DriftFinding.objects.get(kind=KIND, gone_at=None)
    assert second.key != first.key
    assert "(region = 'WEST') for everybody, by default" in second.text


def test_an_ended_grant_is_not_proven_gone_beside_an_attachment_to_its_role(mesh: Mesh, lake: Any) -> None:
    grant = grant_present(mesh)
    lake.attach_rls_policy(**build_attachment(mesh))
    mesh.revoke(grant)
    waiting = "a row-level security policy is still attached"
    intent = mesh.run_until(grant, lambda intent: intent.failure.startswith(waiting))
    assert mesh.list_held_columns() == {}
    assert intent.proven_generation != intent.generation
    lake.detach_rls_policy(**build_attachment(mesh))
    mesh.run_until_presence(grant, "absent")


def test_a_default_is_shown_to_who_decides_and_bound_by_the_approval(mesh: Mesh, lake: Any) -> None:
    grant = grant_present(mesh)
    before = compute_effects(grant.item)
    lake.attach_rls_policy(**build_attachment(mesh, SetDefault=True))
    wait_for_finding(mesh, KIND)
    after = compute_effects(grant.item)
    assert any("rows are also narrowed or widened by" in line.text for line in after.warnings)
    assert after.digest() != before.digest()
    other = make_principal(mesh.cloud, mesh.roles[BI].account, f"other-{time.time_ns()}")
    approved = mesh.run_until_presence(mesh.grant(to=other), "present")
    assert (approved.usable, approved.effects["row_policies"][0]["expression"]) == (None, EAST)


@pytest.fixture
def refused_listing(mesh: Mesh) -> Iterator[None]:
    """The observer's role as templates made it before: without the two actions."""
    iam = mesh.cloud.client("iam", GOVERNANCE)
    (name,) = iam.list_role_policies(RoleName=OBSERVER_ROLE)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=OBSERVER_ROLE, PolicyName=name)["PolicyDocument"]
    older = deepcopy(policy)
    for statement in older["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one not in LISTING_ACTIONS]
    for document in (older, policy):
        put = {"RoleName": OBSERVER_ROLE, "PolicyName": name, "PolicyDocument": json.dumps(document)}
        iam.put_role_policy(**put)
        if document is older:
            yield


@pytest.mark.usefixtures("refused_listing")
def test_where_the_listing_is_refused_rows_are_not_known(mesh: Mesh) -> None:
    grant = mesh.grant()
    intent = mesh.run_until_presence(grant, "present")
    assert intent.usable is None
    wait_for_reading(mesh)
    unread = load_row_policies(mesh.catalog).unread
    assert "lakeformation:ListRLSPolicies and lakeformation:ListRLSPolicyAttachments" in unread
    warnings = [line.text for line in compute_effects(grant.item).warnings]
    assert any("whether row-level security policies" in text for text in warnings)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
