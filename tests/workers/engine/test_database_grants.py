"""A grant of a whole database, in AWS as it was agreed to: a wildcard, one link, proof; mended, united, taken away."""

import pytest

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.holds import Hold
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift import DifferenceKind
from tests.workers.database_grants import add_table, can_read, grant_database, recreate_database
from tests.workers.mesh import Mesh


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_it_reads_every_table_and_none_after_the_end(mesh: Mesh, account: str) -> None:
    add_table(mesh, "beside")
    grant = grant_database(mesh, account)
    assert mesh.run_until_presence(grant, "present").usable is True
    assert (mesh.list_held_columns(account), len(mesh.list_visible_columns(account)) > 3) == (
        {"DESCRIBE": [], "SELECT": []},
        True,
    )
    assert can_read(mesh, "beside", account)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert (
        mesh.list_held_columns(account),
        mesh.list_visible_columns(account),
        can_read(mesh, "beside", account),
    ) == ({}, [], False)


def test_in_the_owners_own_account_it_needs_neither_share_nor_link(mesh: Mesh) -> None:
    mesh.enable_owner_account()
    grant = grant_database(mesh, GOVERNANCE)
    mesh.run_until_presence(grant, "present")
    assert len(mesh.list_visible_columns(GOVERNANCE)) > 3


def test_ending_it_takes_nothing_that_a_grant_of_one_table_justifies(mesh: Mesh) -> None:
    named, wide = mesh.grant(("policy_id",)), grant_database(mesh)
    for grant in (wide, named):
        mesh.run_until_presence(grant, "present")
    mesh.revoke(wide)
    mesh.run_until_presence(wide, "absent")
    assert mesh.run_until_presence(named, "present").usable is True
    assert (mesh.list_held_columns(), "policy_id" in mesh.list_visible_columns()) == (
        {"DESCRIBE": [], "SELECT": ["policy_id"]},
        True,
    )


def test_ending_a_grant_of_one_table_leaves_it_whole(mesh: Mesh) -> None:
    named, wide = mesh.grant(("policy_id",)), grant_database(mesh)
    for grant in (named, wide):
        mesh.run_until_presence(grant, "present")
    mesh.revoke(named)
    mesh.run_until_presence(named, "absent")
    assert (mesh.list_held_columns()["SELECT"], len(mesh.list_visible_columns()) > 3) == ([], True)


def test_a_row_filter_limits_again_after_its_end(mesh: Mesh) -> None:
    ruled = mesh.grant(("region",), rows="region = 'Nord'")
    mesh.run_until_presence(ruled, "present")
    limited = mesh.select_distinct("region")
    wide = grant_database(mesh)
    mesh.run_until_presence(wide, "present")
    assert len(mesh.select_distinct("region")) > len(limited)
    mesh.revoke(wide)
    mesh.run_until_presence(wide, "absent")
    assert mesh.select_distinct("region") == limited


def test_what_is_taken_away_is_told_and_granted_again(mesh: Mesh) -> None:
    grant = grant_database(mesh)
    mesh.run_until_presence(grant, "present")
    mesh.governance_client().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"Table": {"DatabaseName": mesh.database, "TableWildcard": {}}},
        Permissions=["SELECT"],
    )
    mesh.run_until(grant, lambda _: DriftFinding.objects.filter(kind=DifferenceKind.MISSING).exists())
    mesh.run_until_presence(grant, "present")
    assert len(mesh.list_visible_columns()) > 3


def test_a_table_that_comes_later_is_open_at_once_and_told_to_the_owner(mesh: Mesh) -> None:
    grant = grant_database(mesh)
    mesh.run_until_presence(grant, "present")
    assert not DriftFinding.objects.filter(kind=DifferenceKind.WIDENED).exists()
    add_table(mesh)
    assert can_read(mesh, "later")
    mesh.run_until(grant, lambda _: DriftFinding.objects.filter(kind=DifferenceKind.WIDENED).exists())
    told = DriftFinding.objects.get(kind=DifferenceKind.WIDENED)
    assert f"of {mesh.database}.later through every table of {mesh.database}; approved: nothing" in told.text
    assert Event.objects.filter(verb="found_widening", subject=f"item:{grant.item_id}").count() == 1
    assert not Hold.objects.exists()


def test_a_database_of_the_same_name_is_another_and_gets_nothing(mesh: Mesh) -> None:
    grant = grant_database(mesh)
    mesh.run_until_presence(grant, "present")
    recreate_database(mesh)
    intent = mesh.run_until_presence(grant, "stale")
    assert intent.failure == f"database {mesh.database} was created again after the approval"
    assert "SELECT" not in mesh.list_held_columns()
