"""What the database refuses by itself: changes of what was asked for, decisions of others, intents without a registration."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.models import SchemaUpdate
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from kernel import clock
from tests.bank import Bank
from tests.catalog.registrations.conftest import RegisteringBank
from tests.database import as_role
from tests.registrations import approve
from tests.schema_updates import find_breaking_update, register


@pytest.mark.parametrize(
    "change",
    [
        {"state": "approved"},
        {"exception_by_id": 0, "exception_at": "now"},
    ],
)
def test_the_database_refuses_what_no_action_does(
    registering: RegisteringBank, change: dict[str, Any]
) -> None:
    row = registering.ask(location="s3://elsewhere/p/", exception_reason="It moves.")
    if "exception_at" in change:
        change = {"exception_by_id": registering.bank.ines.pk, "exception_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize(
    "change", [{"location": "s3://elsewhere/x/"}, {"columns": []}, {"requested_by_id": 1}]
)
def test_what_was_asked_for_is_not_the_web_s_to_change(
    registering: RegisteringBank, change: dict[str, Any]
) -> None:
    row = registering.ask()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Registration.objects.filter(pk=row.pk).update(**change)
    with as_role("meshmarket_owner"), pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.filter(pk=row.pk).update(**change)


def test_the_database_refuses_a_decision_by_somebody_else(registering: RegisteringBank) -> None:
    row = registering.ask()
    for person in (registering.dev, registering.bank.greta, registering.bank.ana):
        with pytest.raises(IntegrityError), transaction.atomic():
            Registration.objects.filter(pk=row.pk).update(
                decided_by=person, decided_at=clock.now(), state=DecisionState.REJECTED
            )


def test_an_intent_without_its_registration_is_unjustified(registering: RegisteringBank) -> None:
    row = approve(registering.bank.ines, registering.ask())
    assert row.table_intent is not None
    forged = Intent(kind="registration", scope_key=row.table_intent.scope_key, subject="registration:0")
    forged.wanted, forged.effects = row.table_intent.wanted, row.table_intent.effects
    forged.effects_hash, forged.created_at = row.effects_hash, clock.now()
    with pytest.raises(IntegrityError, match="no registration owns it"), transaction.atomic():
        save_and_check(forged)


def save_and_check(intent: Intent) -> None:
    """As at the end of a transaction."""
    intent.save()
    connection.check_constraints()


@pytest.mark.parametrize("change", [{"columns": []}, {"storage": {"serde": "x"}}, {"decided_by": "ana"}])
def test_a_schema_update_stays_and_the_data_owners_of_its_domain_decide(
    bank: Bank, change: dict[str, Any]
) -> None:
    update = find_breaking_update(register(bank))
    values = {"decided_by": bank.ana} if "decided_by" in change else change
    with as_role("meshmarket_owner"), pytest.raises(IntegrityError), transaction.atomic():
        SchemaUpdate.objects.filter(pk=update.pk).update(**values)
