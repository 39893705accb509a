"""What a decision rests on, and what it came to, is not rewritten by the web role afterwards."""

import pytest
from django.db import DatabaseError, IntegrityError

from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.review.delegation.actions import delegate_decisions
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.requests_app.compromised_web.attacker import run_statement


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


CHANGES = ["verdict = '{}'", "state = 'submitted'", "columns = '{iban}'", 'answers = \'{"why": "x"}\'']


@pytest.mark.parametrize("change", CHANGES)
def test_an_item_that_is_decided_on_stays_as_it_is(grant: Grant, change: str) -> None:
    with pytest.raises(IntegrityError, match="no longer open"):
        run_statement(f"UPDATE requests_requestitem SET {change}")


@pytest.mark.parametrize(
    "change", ["requester_id = requester_id", "table_id = table_id", "request_id = request_id"]
)
def test_an_item_is_of_its_request_and_table(bank: Bank, change: str) -> None:
    submit_bank_item(bank)
    with pytest.raises(DatabaseError, match="permission denied"):
        run_statement(f"UPDATE requests_requestitem SET {change}")


@pytest.mark.parametrize("change", ["principal_id = 1", "requester_id = 1", "ends_at = now()"])
def test_a_request_is_never_changed(bank: Bank, change: str) -> None:
    submit_bank_item(bank)
    with pytest.raises(DatabaseError, match="permission denied"):
        run_statement(f"UPDATE requests_accessrequest SET {change}")


@pytest.mark.parametrize(
    "change", ["intent_id = 1", "item_id = 1", "effects_hash = ''", "event_id = 1", "principal_id = 1"]
)
def test_a_grant_is_of_its_decision(grant: Grant, change: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        run_statement(f"UPDATE requests_grant SET {change}")


@pytest.mark.parametrize(
    "change", ["state = 'live', ended_at = NULL", "ended_at = now()", "end_reason = 'other words'"]
)
def test_a_grant_ends_once(bank: Bank, grant: Grant, change: str) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    with pytest.raises(IntegrityError, match="it has ended"):
        run_statement(f"UPDATE requests_grant SET {change}")


@pytest.mark.parametrize(
    "statement", ["UPDATE requests_decision SET answer = 'approve'", "DELETE FROM requests_decision"]
)
def test_decisions_are_never_changed(grant: Grant, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        run_statement(statement)


def test_a_delegation_ends_once_and_is_a_data_owners(bank: Bank) -> None:
    now = clock.now()
    delegation = delegate_decisions(
        acting_user=bank.ines, team=bank.insurance, delegate=bank.ivo, starts_at=now, now=now,
        ends_at=factories.days_from_now(3),
    )  # fmt: skip
    run_statement("UPDATE requests_delegation SET ended_at = now()")
    with pytest.raises(IntegrityError, match="it has ended"):
        run_statement("UPDATE requests_delegation SET ended_at = NULL")
    copied = (
        "SELECT %s, delegate_id, team_id, starts_at, ends_at, created_at, event_id FROM requests_delegation"
    )
    with pytest.raises(IntegrityError):
        run_statement(
            "INSERT INTO requests_delegation (owner_id, delegate_id, team_id, starts_at, ends_at, created_at, event_id) "
            + copied,
            [bank.sam.pk],
        )
    assert delegation.owner == bank.ines


def test_rules_are_put_in_force_by_who_answers_for_the_domain(bank: Bank) -> None:
    run_statement(
        "INSERT INTO audit_event (at, verb, actor, subject, data, digest) VALUES (now(), 'draft_policy', 'engine:x', 'x', '{}', 'x')"
    )
    forged = """
    INSERT INTO requests_policyversion (domain_id, number, rules, note, state, written_by_id, written_at, published_by_id,
      published_at, retire_reason, event_id)
    SELECT %s, 9, '[]', 'x', 'published', %s, now(), %s, now(), '', max(id) FROM audit_event
    """
    with pytest.raises(IntegrityError, match="is no data owner of its domain"):
        run_statement(forged, [bank.domain.pk, bank.sam.pk, bank.sam.pk])
    with pytest.raises(IntegrityError, match="is no data owner of its domain"):
        run_statement(forged, [None, bank.ines.pk, bank.ines.pk])
    run_statement(forged, [bank.domain.pk, bank.ines.pk, bank.ines.pk])
    with pytest.raises(IntegrityError, match="from draft to published to retired"):
        run_statement("UPDATE requests_policyversion SET state = 'draft'")
