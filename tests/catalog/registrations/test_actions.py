"""Asking for a registration, deciding on it, ending it; and what the database refuses by itself."""

from typing import Any

import pytest

from audit.models import Event
from catalog.registrations.actions import except_registration
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_registration, get_status, list_registrations
from catalog.registrations.states import RegistrationStatus
from decisions.actions import end_proposal, reject_proposal, withdraw_proposal
from decisions.states import DecisionState
from fulfilment.intents.models import Intent, Justification
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.grants.justification import find_unjustified
from tests import factories
from tests.catalog.registrations.conftest import RegisteringBank
from tests.registrations import GOLD, approve


def test_an_approval_writes_both_intents_with_the_same_effects(registering: RegisteringBank) -> None:
    row = registering.ask()
    assert (Intent.objects.count(), get_status(row)) == (0, RegistrationStatus.REQUESTED)
    done = approve(registering.bank.ines, row)
    assert done.table_intent is not None
    assert done.write_intent is not None
    assert done.table_intent.scope_key == f"catalog:{row.catalog_id}"
    assert done.write_intent.scope_key == f"share:{row.catalog_id}:{row.producer.account_id}"
    assert done.table_intent.effects == done.write_intent.effects
    assert find_unjustified([done.table_intent, done.write_intent]) == {}
    wanted = Justification.objects.filter(intent=done.write_intent, table="policies")
    assert set(wanted.values_list("verb", flat=True)) == {"ALTER", "DELETE", "DESCRIBE", "INSERT"}
    assert not wanted.filter(grantable=True).exists()
    verbs = Event.objects.filter(subject=row.subject).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["request_registration", "approve_registration"]


def test_nobody_decides_on_their_own_registration(registering: RegisteringBank) -> None:
    own = registering.ask(registering.bank.ines)
    with pytest.raises(ForbiddenError):
        approve(registering.bank.ines, own)
    with pytest.raises(ForbiddenError):
        reject_proposal(
            kind=REGISTRATION,
            acting_user=registering.bank.ines,
            pk=own.pk,
            reason="No.",
            now=clock.now(),
        )
    assert approve(registering.bank.ivo, own).state == DecisionState.APPROVED


def test_developers_ask_and_only_data_owners_decide(registering: RegisteringBank) -> None:
    row, bank = registering.ask(), registering.bank
    with pytest.raises(ForbiddenError):
        approve(registering.dev, row)
    with pytest.raises(ForbiddenError):
        approve(bank.greta, row)
    with pytest.raises(NotFoundError):
        approve(bank.sam, row)
    with pytest.raises(NotFoundError):
        approve(bank.ana, row)
    with pytest.raises(ForbiddenError):
        registering.ask(bank.ana, table="other")


def test_an_approval_of_other_effects_is_refused(registering: RegisteringBank) -> None:
    row = registering.ask()
    with pytest.raises(RefusedError, match="has changed since"):
        approve(registering.bank.ines, row, "0" * 64)
    assert not Intent.objects.exists()


def test_a_role_that_went_away_is_not_approved(registering: RegisteringBank) -> None:
    row = registering.ask()
    registering.engineer.gone_at = clock.now()
    registering.engineer.save()
    with pytest.raises(RefusedError, match="no longer exists"):
        approve(registering.bank.ines, row)


@pytest.mark.parametrize("location", ["s3://elsewhere/policies/", "s3://insurance-gold/registered-too/x/"])
def test_a_location_outside_the_gold_location_needs_a_reason_and_a_governor(
    registering: RegisteringBank, location: str
) -> None:
    bank = registering.bank
    with pytest.raises(RefusedError, match="outside the gold location") as refused:
        registering.ask(location=location)
    assert refused.value.field == "location"
    row = registering.ask(location=location, exception_reason="The bucket moves in May.")
    with pytest.raises(RefusedError, match="governance admin"):
        approve(bank.ines, row)
    words: dict[str, Any] = {"pk": row.pk, "comment": "Until May.", "now": clock.now()}
    with pytest.raises(ForbiddenError):
        except_registration(acting_user=bank.ines, **words)
    except_registration(acting_user=bank.greta, **words)
    assert approve(bank.ines, Registration.objects.get(pk=row.pk)).state == DecisionState.APPROVED


def test_an_account_without_a_gold_location_always_needs_an_exception(registering: RegisteringBank) -> None:
    account = registering.engineer.account
    account.gold_location = ""
    account.save()
    with pytest.raises(RefusedError, match="no gold location"):
        registering.ask()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("table", {"table": "Policies"}),
        ("database", {"database": "a-b"}),
        ("location", {"location": "http://insurance-gold/x"}),
        ("location", {"location": "s3://insurance-gold"}),
        ("location", {"location": f"{GOLD}../other/\x00"}),
        ("columns", {"columns": ()}),
        ("columns", {"columns": ({"name": "a", "type": "string; drop", "comment": ""},)}),
        ("columns", {"columns": ({"name": "a", "type": "int", "comment": "\ud800"},)}),
        ("partition_keys", {"partition_keys": ({"name": "premium", "type": "int", "comment": ""},)}),
        ("purpose", {"purpose": " "}),
        ("parameters", {"parameters": {"meshmarket_registration": "1"}}),
        ("data_format", {"data_format": "xls"}),
        ("catalog", {"catalog": 0}),
        ("producer", {"producer": 0}),
        ("engineer", {"engineer": 0}),
    ],
)
def test_what_is_not_valid_is_refused_at_its_field(
    registering: RegisteringBank, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(RefusedError) as refused:
        registering.ask(**changes)
    assert (refused.value.field, Registration.objects.count()) == (field, 0)


def test_an_account_and_a_role_of_another_team_are_refused(registering: RegisteringBank) -> None:
    other = factories.make_account(registering.bank.bi, is_producer=True, gold_location=GOLD)
    role = factories.make_principal(other, "their-pipeline")
    with pytest.raises(RefusedError) as refused:
        registering.ask(producer=other.pk, engineer=role.pk)
    assert refused.value.field == "producer"
    with pytest.raises(RefusedError) as refused:
        registering.ask(engineer=role.pk)
    assert refused.value.field == "engineer"


def test_a_name_that_is_taken_is_refused(registering: RegisteringBank) -> None:
    bank = registering.bank
    registering.ask()
    with pytest.raises(RefusedError) as refused:
        registering.ask()
    assert refused.value.field == "table"
    with pytest.raises(RefusedError) as refused:
        registering.ask(database=bank.claims.database.name, table=bank.claims.name)
    assert refused.value.field == "table"
    foreign = factories.make_database(bank.catalog, factories.make_domain(bank.bi, "BI"), "bi_gold")
    with pytest.raises(RefusedError) as refused:
        registering.ask(database=foreign.name)
    assert refused.value.field == "database"


def test_it_ends_once_with_both_intents(registering: RegisteringBank) -> None:
    row = approve(registering.bank.ines, registering.ask())
    words: dict[str, Any] = {"pk": row.pk, "now": clock.now()}
    with pytest.raises(ForbiddenError):
        end_proposal(kind=REGISTRATION, acting_user=registering.dev, reason="Gone.", **words)
    with pytest.raises(RefusedError):
        end_proposal(kind=REGISTRATION, acting_user=registering.bank.ivo, reason=" ", **words)
    end_proposal(kind=REGISTRATION, acting_user=registering.bank.ivo, reason="Gone.", **words)
    assert not Intent.objects.filter(ended_at=None).exists()
    assert get_status(get_registration(registering.dev, row.pk)) == RegistrationStatus.ENDING
    with pytest.raises(IllegalTransitionError):
        end_proposal(kind=REGISTRATION, acting_user=registering.bank.ivo, reason="Again.", **words)


def test_a_rejected_or_withdrawn_one_may_be_asked_for_again(registering: RegisteringBank) -> None:
    first = registering.ask()
    reject_proposal(
        kind=REGISTRATION,
        acting_user=registering.bank.ines,
        pk=first.pk,
        reason="Wrong name.",
        now=clock.now(),
    )
    second = registering.ask()
    with pytest.raises(ForbiddenError):
        withdraw_proposal(kind=REGISTRATION, acting_user=registering.bank.ines, pk=second.pk, now=clock.now())
    withdraw_proposal(kind=REGISTRATION, acting_user=registering.dev, pk=second.pk, now=clock.now())
    assert registering.ask().state == DecisionState.WAITING


def test_the_team_and_who_reads_everything_see_it(registering: RegisteringBank) -> None:
    row, bank = registering.ask(), registering.bank
    for person in (registering.dev, bank.ines, bank.greta, factories.make_auditor()):
        assert list(list_registrations(person)) == [row]
    for person in (bank.ana, bank.sam):
        assert list(list_registrations(person)) == []
