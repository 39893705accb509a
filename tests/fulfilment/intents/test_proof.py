"""The database repeats the proof: nobody can write *present* or *absent* without its evidence."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from fulfilment.intents.actions import share_scope_key
from fulfilment.intents.models import Intent
from fulfilment.rounds import Round, Scope, Step
from kernel import clock
from requests_app.grants.actions import revoke_grant
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import TestDatabase, as_role


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    return make_bank()


def evidence(bank: Bank) -> tuple[Intent, Round]:
    """An approved grant's intent and a round of its scope that saw nothing to do."""
    intent = Intent.objects.get(pk=approve(bank, submit_bank_item(bank)).intent_id)
    now = clock.now()
    with as_role("meshmarket_worker"):
        scope = Scope.objects.create(
            key=intent.scope_key, kind="share", catalog=bank.catalog, consumer=bank.bi_account
        )
        proof = Round.objects.create(scope=scope, epoch=1, owner="w", started_at=now, began_at=now)
    return intent, proof


def write_proof(intent: Intent, proof: Round | None, generation: int = 1) -> int:
    with as_role("meshmarket_worker"), transaction.atomic():
        return Intent.objects.filter(pk=intent.pk).update(
            presence="present", proven_generation=generation, evidence=proof
        )


def test_a_proof_with_its_evidence_is_taken(bank: Bank) -> None:
    intent, proof = evidence(bank)
    assert write_proof(intent, proof) == 1


def test_without_evidence_nothing_is_present(bank: Bank) -> None:
    intent, _ = evidence(bank)
    with pytest.raises(DatabaseError, match=r"another scope|has_evidence"):
        write_proof(intent, None)


def test_a_proof_at_an_older_generation_is_refused(bank: Bank) -> None:
    intent, proof = evidence(bank)
    revoke_grant(acting_user=bank.ines, grant_id=intent.grant.pk, reason="No longer needed", now=clock.now())
    with pytest.raises(DatabaseError, match="another generation"):
        write_proof(intent, proof)


def test_a_round_of_another_scope_proves_nothing(bank: Bank) -> None:
    intent, _ = evidence(bank)
    now = clock.now()
    with as_role("meshmarket_worker"):
        key = share_scope_key(bank.catalog.pk, "999999999999")
        other = Scope.objects.create(key=key, kind="share", catalog=bank.catalog, consumer=bank.bi_account)
        foreign = Round.objects.create(scope=other, epoch=1, owner="w", started_at=now, began_at=now)
    with pytest.raises(DatabaseError, match="another scope"):
        write_proof(intent, foreign)


def test_a_round_that_began_before_a_write_was_settled_proves_nothing(bank: Bank) -> None:
    intent, proof = evidence(bank)
    with as_role("meshmarket_worker"):
        Step.objects.create(
            round=proof, position=0, operation="BatchGrantPermissions", account_id="1", region="r",
            role_arn="r", outcome="sent", sent_at=proof.began_at,
            open_until=proof.began_at + timedelta(seconds=5),
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="not settled"):
        write_proof(intent, proof)


def test_the_web_cannot_write_the_seen_half_nor_the_worker_the_wanted_one(bank: Bank) -> None:
    intent, proof = evidence(bank)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Intent.objects.filter(pk=intent.pk).update(presence="present", evidence=proof)
    with (
        as_role("meshmarket_worker"),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        Intent.objects.filter(pk=intent.pk).update(expires_at=clock.now() + timedelta(days=999))
