"""The web role makes, revives, prolongs and widens no access by a statement on the intents."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from fulfilment.holds import Hold
from fulfilment.intents.models import Intent
from fulfilment.role_queries import TestQuery
from identity.connections import Checkup
from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.requests_app.compromised_web.attacker import FORGE_INTENT, run_statement


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def test_an_intent_without_request_decision_and_grant_is_refused(grant: Grant) -> None:
    with pytest.raises(IntegrityError, match="not justified: no grant owns it"):
        run_statement(FORGE_INTENT, ["item:999", grant.intent_id])


def test_an_intent_beside_that_of_its_grant_is_refused(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    with pytest.raises(IntegrityError, match="not justified: no grant owns it"):
        run_statement(FORGE_INTENT, [f"item:{grant.item_id}", grant.intent_id])


def test_a_removal_that_nobody_ordered_is_refused(grant: Grant) -> None:
    forged = FORGE_INTENT.replace("SELECT kind, scope_key", "SELECT 'removal', scope_key")
    with pytest.raises(IntegrityError, match="nobody ordered this removal"):
        run_statement(forged, ["removal:1", grant.intent_id])


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("registration", "no registration owns it"),
        ("classification", "no tag change owns it"),
    ],
)
def test_an_intent_that_no_verb_wrote_is_refused(grant: Grant, kind: str, reason: str) -> None:
    with pytest.raises(IntegrityError, match=reason):
        run_statement(FORGE_INTENT.replace("SELECT kind", f"SELECT '{kind}'"), ["item:1", grant.intent_id])


@pytest.mark.parametrize("column", sorted(Intent.ENGINE_COLUMNS - {"evidence"}))
def test_the_seen_half_is_not_inserted(grant: Grant, column: str) -> None:
    forged = FORGE_INTENT.replace("generation)", f"generation, {column})").replace(
        ", 1\n", f", 1, {column}\n"
    )
    with pytest.raises(DatabaseError, match="permission denied"):
        run_statement(forged, ["item:999", grant.intent_id])


def test_what_a_worker_finds_out_is_not_inserted(bank: Bank, grant: Grant) -> None:
    now = clock.now()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Checkup.objects.create(account=bank.bi_account, requested_at=now, finished_at=now)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        TestQuery.objects.create(
            intent=grant.intent, generation=1, requested_by=bank.ana, requested_at=now, database="d", table="t",
            allowed_column="c", finished_at=now, outcome="proven",
        )  # fmt: skip


def test_a_revoked_grants_intent_is_not_revived(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    for ended_at in ("NULL", "ended_at + interval '1 day'", "ended_at - interval '1 day'"):
        with pytest.raises(IntegrityError, match="once and for all"):
            run_statement(f"UPDATE fulfilment_intent SET ended_at = {ended_at}, generation = generation + 1")


@pytest.mark.parametrize("end", ["NULL", "expires_at + interval '5 years'"])
def test_an_intent_ends_no_later(grant: Grant, end: str) -> None:
    with pytest.raises(IntegrityError, match="later than was agreed to"):
        run_statement(f"UPDATE fulfilment_intent SET expires_at = {end} WHERE id = {grant.intent_id}")


def test_generations_only_grow(grant: Grant) -> None:
    with pytest.raises(IntegrityError, match="only grow"):
        run_statement("UPDATE fulfilment_intent SET generation = 0")


def test_a_column_is_opened_by_a_hold_that_ended_so_alone(bank: Bank, grant: Grant) -> None:
    with pytest.raises(IntegrityError, match="nobody let in"):
        run_statement("UPDATE fulfilment_intent SET opened = '[\"iban\"]'")
    with as_role("meshmarket_worker"):
        Hold.objects.create(
            kind=Hold.Kind.COLUMN, catalog=bank.catalog, scope_key=grant.intent.scope_key, intent=grant.intent,
            column="iban", text="iban came later", since=clock.now(),
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="nobody let in"):
        run_statement("UPDATE fulfilment_intent SET opened = '[\"iban\"]'")
    ended = f"ended_at = now(), ended_as = 'released', ended_by_id = {bank.ines.pk}, reason = 'Because'"
    with pytest.raises(IntegrityError, match="without a record: nobody let the column in"):
        run_statement(
            f"UPDATE fulfilment_hold SET {ended}; UPDATE fulfilment_intent SET opened = '[\"iban\"]'"
        )


def test_an_intent_ends_with_its_grant_on_the_record(grant: Grant) -> None:
    with pytest.raises(IntegrityError, match="its grant was not revoked"):
        run_statement("UPDATE fulfilment_intent SET ended_at = now()")
    with pytest.raises(IntegrityError, match="its grant ends at another time"):
        run_statement("UPDATE fulfilment_intent SET expires_at = expires_at - interval '1 day'")
    revoked = "UPDATE requests_grant SET state = 'revoked', ended_at = now()"
    with pytest.raises(IntegrityError, match="its grant was not revoked"):
        run_statement(f"{revoked}; UPDATE fulfilment_intent SET ended_at = now()")


def test_a_grant_does_not_end_before_its_intent(grant: Grant) -> None:
    with pytest.raises(IntegrityError, match="would last longer"):
        run_statement(f"UPDATE requests_grant SET ends_at = ends_at - interval '1 day' WHERE id = {grant.pk}")
    with pytest.raises(IntegrityError, match="would last longer"):
        run_statement(f"UPDATE requests_grant SET state = 'revoked', ended_at = now() WHERE id = {grant.pk}")


def test_what_the_verbs_do_is_let_through(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    run_statement("SELECT 1")
    assert Grant.objects.get(pk=grant.pk).state == "revoked"
