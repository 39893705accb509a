"""Whoever changed a role takes no part for a week in decisions that rest on it; the verbs say so, the database holds it."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from catalog.role_changes import database_domain_change, domain_owner_change
from identity.people.models import Membership, Person
from identity.role_changes.changes import build_account_change, build_membership_change
from identity.role_changes.proposals import BAR_PERIOD
from kernel.errors import ForbiddenError
from requests_app.access_requests.models import Decision
from requests_app.review.may import list_deciders, may_decide
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.role_changes import (
    advance_clock,
    data_owner_change,
    make_governor,
    propose_and_confirm,
    propose_change,
    set_password,
)


@pytest.fixture
def hanna(bank: Bank) -> Person:
    return make_governor()


def check_refused(bank: Bank, by: Person, said: str, **ask: object) -> None:
    item = submit_bank_item(bank, **ask)
    assert by not in list_deciders(item)
    with pytest.raises(ForbiddenError, match=said):
        approve(bank, item, by=by)
    assert not Decision.objects.exists()


def request_as_member(bank: Bank, person: Person) -> dict[str, object]:
    factories.add_members(bank.bi, Membership.Role.MEMBER, [person])
    return {"acting_user": person}


def test_who_made_themself_owner_does_not_decide_for_a_week(bank: Bank, hanna: Person) -> None:
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, bank.greta))
    check_refused(bank, bank.greta, "Someone else has to decide until")
    advance_clock(BAR_PERIOD)
    assert approve(bank, submit_bank_item(bank, idempotency_key="later"), by=bank.greta)


@pytest.mark.parametrize("current_requester", ["proposer", "second"])
def test_an_owner_does_not_decide_for_who_made_them_one(
    bank: Bank, hanna: Person, current_requester: str
) -> None:
    ben = factories.make_person("Ben Frey")
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, ben))
    who = bank.greta if current_requester == "proposer" else hanna
    check_refused(bank, ben, "Someone else has to decide", **request_as_member(bank, who))


def test_a_new_owner_decides_for_everybody_else_and_older_owners_for_all(bank: Bank, hanna: Person) -> None:
    ben = factories.make_person("Ben Frey")
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, ben))
    assert approve(bank, submit_bank_item(bank), by=ben)
    role = factories.make_principal(bank.bi_account, "other")
    item = submit_bank_item(bank, principal=role, idempotency_key="2", **request_as_member(bank, bank.greta))
    assert approve(bank, item, by=bank.ines)


def test_an_owner_does_not_decide_for_a_puppet_of_who_made_them_one(bank: Bank, hanna: Person) -> None:
    """Whose password somebody set counts as them."""
    ben, puppet = factories.make_person("Ben Frey"), factories.make_person("Pia Puppet")
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, ben))
    set_password(bank.greta, puppet)
    check_refused(bank, ben, "Someone else has to decide", **request_as_member(bank, puppet))


def test_nobody_decides_for_whom_they_gave_a_password_or_a_team(bank: Bank) -> None:
    puppet = factories.make_person("Pia Puppet")
    set_password(bank.ines, puppet)
    check_refused(bank, bank.ines, "Someone else has to decide", **request_as_member(bank, puppet))


def test_whose_password_another_set_decides_nothing_for_a_week(bank: Bank) -> None:
    set_password(bank.greta, bank.ines)
    check_refused(bank, bank.ines, "Greta Ruiz set your password")
    advance_clock(BAR_PERIOD)
    assert approve(bank, submit_bank_item(bank, idempotency_key="later"), by=bank.ines)


def build_domain_change(bank: Bank) -> object:
    return domain_owner_change(bank.domain, factories.make_team("Claims", owners=[bank.sam]))


def build_database_change(bank: Bank) -> object:
    team = factories.make_team("Claims", owners=[bank.sam])
    bank.product.product_tables.all().delete()
    return database_domain_change(bank.claims.database, factories.make_domain(team, "Claims"))


@pytest.mark.parametrize("change", [build_domain_change, build_database_change])
def test_who_moved_the_data_does_not_get_it_approved(
    bank: Bank, hanna: Person, change: Callable[[Bank], object]
) -> None:
    propose_and_confirm(bank.greta, hanna, change(bank))  # type: ignore[arg-type]
    items = [RequestedItem(bank.claims.pk, ("claim_id", "amount"), whole_table=False, product_id=None)]
    elsewhere = request_as_member(bank, bank.greta)
    check_refused(bank, bank.sam, "Someone else has to decide", items=items, **elsewhere)
    assert approve(bank, submit_bank_item(bank, idempotency_key="ana", items=items), by=bank.sam)


def test_who_changed_an_account_does_not_decide_for_its_roles(bank: Bank, hanna: Person) -> None:
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [hanna])
    before, after = bank.bi_account.executor_role_arn, f"{bank.bi_account.executor_role_arn}-2"
    propose_and_confirm(
        bank.greta, hanna,
        build_account_change(bank.bi_account, {"executor_role_arn": after}, {"executor_role_arn": before}),
    )  # fmt: skip
    bank.bi_account.refresh_from_db()
    assert bank.bi_account.executor_role_arn == after
    check_refused(bank, hanna, "Someone else has to decide")
    assert approve(bank, submit_bank_item(bank, idempotency_key="ines"), by=bank.ines)


def test_who_took_somebody_into_a_team_does_not_decide_on_their_ask(bank: Bank) -> None:
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [bank.greta])
    pia = factories.make_person("Pia Lang")
    propose_change(bank.greta, build_membership_change(pia, bank.bi, Membership.Role.MEMBER, held=True))
    check_refused(bank, bank.greta, "Someone else has to decide", acting_user=pia)


def test_a_lasting_role_beside_a_new_one_still_counts(bank: Bank, hanna: Person) -> None:
    """Ines has been data owner for long; that she became a steward bars her as a steward alone."""
    propose_and_confirm(bank.greta, hanna, data_owner_change(factories.make_team("Other"), bank.ines))
    item = submit_bank_item(bank, **request_as_member(bank, bank.greta))
    assert may_decide(bank.ines, item, ["owner"])


def test_the_database_refuses_a_barred_decision(
    bank: Bank, hanna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, bank.greta))
    monkeypatch.setattr("requests_app.review.may.has_bars", lambda _person: False)
    with pytest.raises(IntegrityError, match="bars person"):
        approve(bank, submit_bank_item(bank), by=bank.greta)
