"""From an approval to proof, and from a revoke to proof, inside and outside the organisation."""

import pytest

from demo.bank.accounts import BI, PARTNER
from fulfilment.rounds.models import Round, Scope
from tests.workers.mesh import COLUMNS, Mesh


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_exactly_the_approved_columns_come_and_go(mesh: Mesh, account: str) -> None:
    grant = mesh.grant(account=account)
    assert mesh.visible(account) == []
    intent = mesh.work_until(grant, "present")
    assert intent.usable is True
    assert mesh.visible(account) == [*COLUMNS, "snapshot_date"]
    assert "COLUMN_NOT_FOUND" in mesh.select("expected_remaining_years", account).reason
    mesh.revoke(grant)
    assert mesh.intent(grant).proven_generation < mesh.intent(grant).generation
    mesh.work_until(grant, "absent")
    assert (mesh.visible(account), mesh.held(account)) == ([], {})


def test_a_proof_rests_on_a_round_that_wrote_nothing(mesh: Mesh) -> None:
    intent = mesh.work_until(mesh.grant(), "present")
    assert intent.evidence is not None
    assert (intent.evidence.outcome, intent.evidence.steps.count()) == (Round.Outcome.CONVERGED, 0)


def test_an_approval_that_the_workers_have_not_seen_is_not_called_present(mesh: Mesh) -> None:
    assert mesh.intent(mesh.grant()).presence == "unseen"


def test_the_whole_table_is_granted_when_that_was_approved(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(columns=()), "present")
    assert "expected_remaining_years" in mesh.visible()


def test_ending_one_grant_leaves_what_another_justifies(mesh: Mesh) -> None:
    broad, narrow = mesh.grant(("policy_id", "gender")), mesh.grant(("policy_id", "region"))
    mesh.work_until(broad, "present")
    assert mesh.held()["SELECT"] == ["gender", "policy_id", "region"]
    mesh.revoke(broad)
    mesh.work_until(broad, "absent")
    assert mesh.held()["SELECT"] == ["policy_id", "region"]
    assert mesh.intent(narrow).presence == "present"


def test_a_scan_that_finds_all_as_it_was_writes_nothing(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(), "present")
    since, rounds = mesh.last_call(), Round.objects.count()
    assert mesh.work(6) == 6
    assert (mesh.writes(since), Round.objects.count()) == ([], rounds)


def test_each_scope_says_when_a_reading_last_found_nothing_to_do(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(), "present")
    first = dict(Scope.objects.exclude(converged_at=None).values_list("key", "converged_at"))
    assert any(key.startswith("share:") for key in first)
    mesh.work(6)
    assert not [key for key, at in first.items() if Scope.objects.filter(key=key, converged_at__lte=at)]
