"""Proof L3: what the grant's role reads through Athena, where it lets the workers in."""

import json
import time

import pytest
from django.urls import reverse

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.role_queries import TestQuery
from kernel import clock
from kernel.errors import RefusedError
from requests_app.grants.models import Grant
from requests_app.grants.status.actions import run_test_query
from requests_app.grants.status.proof import build_proof
from requests_app.grants.status.requirements import RequirementMark
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.workers.mesh import Mesh
from workers.accounts.principals import advance_query

Outcome = TestQuery.Outcome


def trust_workers(mesh: Mesh) -> None:
    """Both sides: the role trusts the workers under the account's ExternalId, and these may become it."""
    role = mesh.roles[BI]
    rule = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    worker = {"AWS": f"arn:aws:iam::{GOVERNANCE}:role/meshmarket-worker"}
    known = {"StringEquals": {"sts:ExternalId": f"meshmarket-{BI}"}}
    root = {"AWS": f"arn:aws:iam::{BI}:root"}
    trust = [{**rule, "Principal": root}, {**rule, "Principal": worker, "Condition": known}]
    mesh.cloud.client("iam", BI).update_assume_role_policy(
        RoleName=role.name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )
    mesh.cloud.client("iam", GOVERNANCE).put_role_policy(
        RoleName="meshmarket-worker", PolicyName=role.name,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{**rule, "Resource": role.arn}]}),
    )  # fmt: skip


def run_query(mesh: Mesh, grant: Grant) -> TestQuery:
    row = run_test_query(acting_user=mesh.people[BI], grant_id=grant.pk, now=clock.now())
    deadline = time.monotonic() + 60
    with as_role("meshmarket_worker"):
        while not advance_query(row.pk):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    row.refresh_from_db()
    return row


def get_third_level(mesh: Mesh, grant: Grant) -> tuple[RequirementMark, str]:
    grant = Grant.objects.select_related("intent", "item__table__database__catalog__account").get(pk=grant.pk)
    level = build_proof(grant).levels[2]
    return level.mark, level.text


def test_it_reads_what_was_granted_and_is_refused_the_rest(mesh: Mesh) -> None:
    trust_workers(mesh)
    grant = mesh.grant(["policy_id", "gender"])
    mesh.run_until_presence(grant, "present")
    row = run_query(mesh, grant)
    assert (row.outcome, row.text) == (Outcome.PROVEN, "")
    mark, text = get_third_level(mesh, grant)
    assert mark == RequirementMark.MET
    assert row.refused_column in text


def test_what_it_reads_by_something_else_contradicts_the_grant(mesh: Mesh) -> None:
    trust_workers(mesh)
    grant = mesh.grant(["policy_id"])
    mesh.run_until_presence(grant, "present")
    mesh.governance_client().grant_permissions(**mesh._build_select([get_hidden_column(mesh)], BI))
    row = run_query(mesh, grant)
    assert row.outcome == Outcome.CONTRADICTED
    assert "which this grant does not give" in row.text
    assert get_third_level(mesh, grant)[0] == RequirementMark.LACKING


def get_hidden_column(mesh: Mesh) -> str:
    """The column that would be tried as one that the grant does not give."""
    others = mesh.table.columns.filter(is_partition_key=False).exclude(name="policy_id")
    return others.order_by("position").values_list("name", flat=True)[0]


def test_a_role_that_lets_nobody_in_proves_nothing(mesh: Mesh) -> None:
    grant = mesh.grant()
    with pytest.raises(RefusedError, match="read back"):
        run_test_query(acting_user=mesh.people[BI], grant_id=grant.pk, now=clock.now())
    mesh.run_until_presence(grant, "present")
    page, address = reverse("grant-proof", args=[grant.pk]), reverse("grant-test-queries", args=[grant.pk])
    assert address in make_client(mesh.people[BI]).get(page).content.decode()
    assert run_query(mesh, grant).outcome == Outcome.NOT_TRUSTED
    assert get_third_level(mesh, grant)[0] == RequirementMark.UNKNOWN
