"""Requests to upstream owners: who asks, who decides, what ends an approval, and who is told."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Event
from catalog.derivation.actions import expire_derivation
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.may import sees_upstream
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests
from catalog.products.models import DataProduct
from decisions.actions import end_proposal, reject_proposal, withdraw_proposal
from decisions.queries import get_proposal
from decisions.states import DecisionState
from demo.embedded.database_roles import WORKER
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from tests import factories
from tests.database import as_role
from tests.derivation import REASON, DerivedBank, add_owner


@pytest.fixture
def asked(derived: DerivedBank) -> DerivationRequest:
    derived.trace_iban()
    return derived.ask()[0]


def test_it_asks_for_what_is_missing_and_tells_the_upstream_owners(
    derived: DerivedBank, asked: DerivationRequest
) -> None:
    claims = derived.bank.claims
    assert asked.columns == [
        {
            "table": derived.reserves.pk,
            "column": "iban",
            "input_table": claims.pk,
            "input_column": "iban",
            "floor": "sensitive",
            "classification": "public",
        }
    ]
    event = Event.objects.get(subject=asked.subject)
    assert (event.verb, event.data["reason"]) == ("request_derivation", REASON)
    assert event.data["people"] == sorted([derived.bank.ines.pk, derived.bank.ivo.pk])


def test_a_decision_is_on_record_and_told_to_the_products_owners(
    derived: DerivedBank, asked: DerivationRequest
) -> None:
    other = add_owner(derived, "Tara Poe")
    derived.agree(asked)
    event = Event.objects.get(verb="approve_derivation")
    assert event.data["people"] == sorted([derived.tom.pk, other.pk])
    assert event.data["reason"] == "Sums are fine."


def test_only_the_upstream_owners_decide_and_never_who_asked(
    derived: DerivedBank, asked: DerivationRequest
) -> None:
    factories.add_members(derived.bank.insurance, "data_owner", [derived.tom])
    with pytest.raises(ForbiddenError, match="Somebody else"):
        derived.agree(asked, by=derived.tom)
    other = add_owner(derived, "Tara Poe")
    with pytest.raises(ForbiddenError):
        derived.agree(asked, by=other)
    with pytest.raises(ForbiddenError):
        derived.agree(asked, by=derived.bank.greta)


def test_it_is_hidden_from_everybody_else(derived: DerivedBank, asked: DerivationRequest) -> None:
    for person in (derived.bank.ana, derived.bank.sam):
        assert not list_requests(person).exists()
        with pytest.raises(NotFoundError):
            get_proposal(DERIVATION_REQUEST, person, asked.pk)
        with pytest.raises(NotFoundError):
            derived.agree(asked, by=person)


def test_a_developer_does_not_ask(derived: DerivedBank) -> None:
    derived.trace_iban()
    dev = factories.make_person("Dev Poe")
    factories.add_members(derived.team, "developer", [dev])
    with pytest.raises(ForbiddenError):
        derived.ask(acting_user=dev)
    with pytest.raises(NotFoundError):
        derived.ask(acting_user=derived.bank.sam)


def test_nothing_missing_and_the_same_twice_are_refused(derived: DerivedBank) -> None:
    with pytest.raises(RefusedError, match="nobody's approval"):
        derived.ask()
    derived.trace_iban()
    derived.ask()
    with pytest.raises(RefusedError, match="asked for this already"):
        derived.ask()
    assert DerivationRequest.objects.count() == 1


def test_unknown_columns_and_classes_are_refused(derived: DerivedBank) -> None:
    derived.trace_iban()
    for lowered, field in (
        ({(derived.bank.claims.pk, "iban"): "public"}, "columns"),
        ({(derived.reserves.pk, "no_such"): "public"}, "columns"),
        ({(derived.reserves.pk, "iban"): "secret"}, "classification"),
    ):
        with pytest.raises(RefusedError) as refused:
            derived.ask(lowered=lowered)
        assert refused.value.field == field
    with pytest.raises(RefusedError, match="one sentence"):
        derived.ask(reason=" ")


def test_a_decision_needs_a_reason_and_no_past_day(derived: DerivedBank, asked: DerivationRequest) -> None:
    with pytest.raises(RefusedError, match="one sentence"):
        derived.agree(asked, comment="")
    with pytest.raises(RefusedError, match="today or a later day"):
        derived.agree(asked, ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(RefusedError, match="one sentence"):
        reject_proposal(
            kind=DERIVATION_REQUEST, acting_user=derived.bank.ines, pk=asked.pk, reason=" ", now=clock.now()
        )


def test_a_decision_is_made_once(derived: DerivedBank, asked: DerivationRequest) -> None:
    derived.agree(asked)
    with pytest.raises(IllegalTransitionError):
        derived.agree(asked, by=derived.bank.ivo)
    with pytest.raises(IllegalTransitionError):
        withdraw_proposal(kind=DERIVATION_REQUEST, acting_user=derived.tom, pk=asked.pk, now=clock.now())


def test_after_a_rejection_or_withdrawal_one_may_ask_again(
    derived: DerivedBank, asked: DerivationRequest
) -> None:
    reject_proposal(
        kind=DERIVATION_REQUEST, acting_user=derived.bank.ines, pk=asked.pk, reason="No.", now=clock.now()
    )
    (again,) = derived.ask()
    withdraw_proposal(kind=DERIVATION_REQUEST, acting_user=derived.tom, pk=again.pk, now=clock.now())
    derived.ask()


def test_the_owner_revokes_and_the_product_is_told(derived: DerivedBank, asked: DerivationRequest) -> None:
    derived.agree(asked)
    with pytest.raises(ForbiddenError):
        end_proposal(
            kind=DERIVATION_REQUEST, acting_user=derived.tom, pk=asked.pk, reason="x", now=clock.now()
        )
    done = end_proposal(
        kind=DERIVATION_REQUEST,
        acting_user=derived.bank.ivo,
        pk=asked.pk,
        reason="The job changed.",
        now=clock.now(),
    )
    assert (done.state, done.ended_by) == (DecisionState.ENDED, derived.bank.ivo)
    assert Event.objects.get(verb="revoke_derivation").data["people"] == [derived.tom.pk]


def test_an_approval_expires_after_its_last_day_once(derived: DerivedBank, asked: DerivationRequest) -> None:
    now = clock.now()
    derived.agree(asked, ends_on=timezone.localdate(now))
    with as_role(WORKER):
        assert not expire_derivation(request_id=asked.pk, now=now)
        assert expire_derivation(request_id=asked.pk, now=now + timedelta(days=1))
        assert not expire_derivation(request_id=asked.pk, now=now + timedelta(days=1))
    asked.refresh_from_db()
    assert asked.state == DecisionState.LAPSED
    assert Event.objects.get(verb="expire_derivation").data["people"] == [derived.tom.pk]


def test_the_upstream_domain_is_not_named_to_who_may_not_see_its_data(
    derived: DerivedBank, asked: DerivationRequest
) -> None:
    assert sees_upstream(derived.tom, asked)
    DataProduct.objects.filter(pk=derived.bank.product.pk).update(requested_by="domain", seen_by="domain")
    assert not sees_upstream(derived.tom, asked)
    assert sees_upstream(derived.bank.ines, asked)
    assert sees_upstream(derived.bank.greta, asked)


def test_the_database_keeps_what_was_asked_and_decided(
    derived: DerivedBank, asked: DerivationRequest
) -> None:
    derived.agree(asked)
    end_proposal(
        kind=DERIVATION_REQUEST, acting_user=derived.bank.ivo, pk=asked.pk, reason="x", now=clock.now()
    )
    for change in ({"state": "approved", "ended_at": None, "ended_by": None}, {"end_reason": "y"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DerivationRequest.objects.filter(pk=asked.pk).update(**change)
