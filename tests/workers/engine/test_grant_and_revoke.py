"""From an approval to proof, and from a revoke to proof, inside and outside the organisation."""

import pytest

from demo.bank.accounts import BI, PARTNER
from fulfilment.rounds import Round, Scope
from tests.workers.mesh import COLUMNS, Mesh


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_exactly_the_approved_columns_come_and_go(mesh: Mesh, account: str) -> None:
    grant = mesh.grant(account=account)
    assert mesh.list_visible_columns(account) == []
    intent = mesh.run_until_presence(grant, "present")
    assert intent.usable is True
    assert mesh.list_visible_columns(account) == [*COLUMNS, "snapshot_date"]
    assert "COLUMN_NOT_FOUND" in mesh.select_as_role("expected_remaining_years", account).reason
    mesh.revoke(grant)
    assert mesh.get_intent(grant).proven_generation < mesh.get_intent(grant).generation
    mesh.run_until_presence(grant, "absent")
    assert (mesh.list_visible_columns(account), mesh.list_held_columns(account)) == ([], {})


def test_a_proof_rests_on_a_round_that_wrote_nothing(mesh: Mesh) -> None:
    intent = mesh.run_until_presence(mesh.grant(), "present")
    assert intent.evidence is not None
    assert (intent.evidence.outcome, intent.evidence.steps.count()) == (Round.Outcome.CONVERGED, 0)


def test_an_approval_that_the_workers_have_not_seen_is_not_called_present(mesh: Mesh) -> None:
    assert mesh.get_intent(mesh.grant()).presence == "unseen"


def test_the_whole_table_is_granted_when_that_was_approved(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(columns=()), "present")
    assert "expected_remaining_years" in mesh.list_visible_columns()


def test_ending_one_grant_leaves_what_another_justifies(mesh: Mesh) -> None:
    broad, narrow = mesh.grant(("policy_id", "gender")), mesh.grant(("policy_id", "region"))
    mesh.run_until_presence(broad, "present")
    assert mesh.list_held_columns()["SELECT"] == ["gender", "policy_id", "region"]
    mesh.revoke(broad)
    mesh.run_until_presence(broad, "absent")
    assert mesh.list_held_columns()["SELECT"] == ["policy_id", "region"]
    assert mesh.get_intent(narrow).presence == "present"


def test_a_scan_that_finds_all_as_it_was_writes_nothing(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    since, rounds = mesh.get_last_call(), Round.objects.count()
    assert mesh.run_rounds(6) == 6
    assert (mesh.list_writes(since), Round.objects.count()) == ([], rounds)


def test_each_scope_says_when_a_reading_last_found_nothing_to_do(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    first = dict(Scope.objects.exclude(converged_at=None).values_list("key", "converged_at"))
    assert any(key.startswith("share:") for key in first)
    mesh.run_rounds(6)
    assert not [key for key, at in first.items() if Scope.objects.filter(key=key, converged_at__lte=at)]
