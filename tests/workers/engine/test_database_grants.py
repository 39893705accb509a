"""A grant of a whole database, in AWS as it was agreed to: a wildcard, one link, proof; mended, united, taken away."""

import pytest

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.holds.models import Hold
from fulfilment.ledger.models import Finding
from lakeformation.drift.differences import Kind
from tests.workers.mesh import Mesh
from tests.workers.whole import add_table, grant_database, make_anew, reads


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_it_reads_every_table_and_none_after_the_end(mesh: Mesh, account: str) -> None:
    add_table(mesh, "beside")
    grant = grant_database(mesh, account)
    assert mesh.work_until(grant, "present").usable is True
    assert (mesh.held(account), len(mesh.visible(account)) > 3) == ({"DESCRIBE": [], "SELECT": []}, True)
    assert reads(mesh, "beside", account)
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert (mesh.held(account), mesh.visible(account), reads(mesh, "beside", account)) == ({}, [], False)


def test_in_the_owners_own_account_it_needs_neither_share_nor_link(mesh: Mesh) -> None:
    mesh.open_at_home()
    grant = grant_database(mesh, GOVERNANCE)
    mesh.work_until(grant, "present")
    assert len(mesh.visible(GOVERNANCE)) > 3


def test_ending_it_takes_nothing_that_a_grant_of_one_table_justifies(mesh: Mesh) -> None:
    named, wide = mesh.grant(("policy_id",)), grant_database(mesh)
    for grant in (wide, named):
        mesh.work_until(grant, "present")
    mesh.revoke(wide)
    mesh.work_until(wide, "absent")
    assert mesh.work_until(named, "present").usable is True
    assert (mesh.held(), "policy_id" in mesh.visible()) == ({"DESCRIBE": [], "SELECT": ["policy_id"]}, True)


def test_ending_a_grant_of_one_table_leaves_it_whole(mesh: Mesh) -> None:
    named, wide = mesh.grant(("policy_id",)), grant_database(mesh)
    for grant in (named, wide):
        mesh.work_until(grant, "present")
    mesh.revoke(named)
    mesh.work_until(named, "absent")
    assert (mesh.held()["SELECT"], len(mesh.visible()) > 3) == ([], True)


def test_a_row_rule_limits_again_after_its_end(mesh: Mesh) -> None:
    ruled = mesh.grant(("region",), rows="region = 'Nord'")
    mesh.work_until(ruled, "present")
    limited = mesh.rows_of("region")
    wide = grant_database(mesh)
    mesh.work_until(wide, "present")
    assert len(mesh.rows_of("region")) > len(limited)
    mesh.revoke(wide)
    mesh.work_until(wide, "absent")
    assert mesh.rows_of("region") == limited


def test_what_is_taken_away_is_told_and_granted_again(mesh: Mesh) -> None:
    grant = grant_database(mesh)
    mesh.work_until(grant, "present")
    mesh.governance().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"Table": {"DatabaseName": mesh.database, "TableWildcard": {}}},
        Permissions=["SELECT"],
    )
    mesh.work_for(grant, lambda _: Finding.objects.filter(kind=Kind.MISSING).exists())
    mesh.work_until(grant, "present")
    assert len(mesh.visible()) > 3


def test_a_table_that_comes_later_is_open_at_once_and_told_to_the_owner(mesh: Mesh) -> None:
    grant = grant_database(mesh)
    mesh.work_until(grant, "present")
    assert not Finding.objects.filter(kind=Kind.WIDENED).exists()
    add_table(mesh)
    assert reads(mesh, "later")
    mesh.work_for(grant, lambda _: Finding.objects.filter(kind=Kind.WIDENED).exists())
    told = Finding.objects.get(kind=Kind.WIDENED)
    assert f"of {mesh.database}.later through every table of {mesh.database}; approved: nothing" in told.text
    assert Event.objects.filter(verb="found_widening", subject=f"item:{grant.item_id}").count() == 1
    assert not Hold.objects.exists()


def test_a_database_of_the_same_name_is_another_and_gets_nothing(mesh: Mesh) -> None:
    grant = grant_database(mesh)
    mesh.work_until(grant, "present")
    make_anew(mesh)
    intent = mesh.work_until(grant, "stale")
    assert intent.failure == f"database {mesh.database} was created again after the approval"
    assert "SELECT" not in mesh.held()
