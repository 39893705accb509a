"""Whoever changed a role takes no part for a week in decisions that rest on it; the verbs say so, the database holds it."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from catalog.role_changes import database_domain, domain_owner
from identity.errors import ForbiddenError
from identity.people.models import Membership, Person
from identity.role_changes.changes import account_roles, membership
from identity.role_changes.proposals import BARS_FOR
from requests_app.access_requests.models import Decision
from requests_app.review.may import list_deciders, may_decide
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.governing import confirmed, later, make_governor, owner_of, proposed, set_password


@pytest.fixture
def hanna(bank: Bank) -> Person:
    return make_governor()


def refuses(bank: Bank, by: Person, said: str, **ask: object) -> None:
    item = asked_item(bank, **ask)
    assert by not in list_deciders(item)
    with pytest.raises(ForbiddenError, match=said):
        approve(bank, item, by=by)
    assert not Decision.objects.exists()


def asks_for_elsewhere(bank: Bank, person: Person) -> dict[str, object]:
    factories.join(bank.bi, Membership.Role.MEMBER, [person])
    return {"acting_user": person}


def test_who_made_themself_owner_does_not_decide_for_a_week(bank: Bank, hanna: Person) -> None:
    confirmed(bank.greta, hanna, owner_of(bank.insurance, bank.greta))
    refuses(bank, bank.greta, "Someone else has to decide until")
    later(BARS_FOR)
    assert approve(bank, asked_item(bank, submission_key="later"), by=bank.greta)


@pytest.mark.parametrize("asker", ["proposer", "second"])
def test_an_owner_does_not_decide_for_who_made_them_one(bank: Bank, hanna: Person, asker: str) -> None:
    ben = factories.make_person("Ben Frey")
    confirmed(bank.greta, hanna, owner_of(bank.insurance, ben))
    who = bank.greta if asker == "proposer" else hanna
    refuses(bank, ben, "Someone else has to decide", **asks_for_elsewhere(bank, who))


def test_a_new_owner_decides_for_everybody_else_and_older_owners_for_all(bank: Bank, hanna: Person) -> None:
    ben = factories.make_person("Ben Frey")
    confirmed(bank.greta, hanna, owner_of(bank.insurance, ben))
    assert approve(bank, asked_item(bank), by=ben)
    role = factories.make_principal(bank.bi_account, "other")
    item = asked_item(bank, principal=role, submission_key="2", **asks_for_elsewhere(bank, bank.greta))
    assert approve(bank, item, by=bank.ines)


def test_an_owner_does_not_decide_for_a_puppet_of_who_made_them_one(bank: Bank, hanna: Person) -> None:
    """Whose password somebody set counts as them."""
    ben, puppet = factories.make_person("Ben Frey"), factories.make_person("Pia Puppet")
    confirmed(bank.greta, hanna, owner_of(bank.insurance, ben))
    set_password(bank.greta, puppet)
    refuses(bank, ben, "Someone else has to decide", **asks_for_elsewhere(bank, puppet))


def test_nobody_decides_for_whom_they_gave_a_password_or_a_team(bank: Bank) -> None:
    puppet = factories.make_person("Pia Puppet")
    set_password(bank.ines, puppet)
    refuses(bank, bank.ines, "Someone else has to decide", **asks_for_elsewhere(bank, puppet))


def test_whose_password_another_set_decides_nothing_for_a_week(bank: Bank) -> None:
    set_password(bank.greta, bank.ines)
    refuses(bank, bank.ines, "Greta Ruiz set your password")
    later(BARS_FOR)
    assert approve(bank, asked_item(bank, submission_key="later"), by=bank.ines)


def of_domain(bank: Bank) -> object:
    return domain_owner(bank.domain, factories.make_team("Claims", owners=[bank.sam]))


def of_database(bank: Bank) -> object:
    team = factories.make_team("Claims", owners=[bank.sam])
    bank.product.product_tables.all().delete()
    return database_domain(bank.claims.database, factories.make_domain(team, "Claims"))


@pytest.mark.parametrize("change", [of_domain, of_database])
def test_who_moved_the_data_does_not_get_it_approved(
    bank: Bank, hanna: Person, change: Callable[[Bank], object]
) -> None:
    confirmed(bank.greta, hanna, change(bank))  # type: ignore[arg-type]
    items = [RequestedItem(bank.claims.pk, ("claim_id", "amount"), whole_table=False, product_id=None)]
    elsewhere = asks_for_elsewhere(bank, bank.greta)
    refuses(bank, bank.sam, "Someone else has to decide", items=items, **elsewhere)
    assert approve(bank, asked_item(bank, submission_key="ana", items=items), by=bank.sam)


def test_who_changed_an_account_does_not_decide_for_its_roles(bank: Bank, hanna: Person) -> None:
    factories.join(bank.insurance, Membership.Role.DATA_OWNER, [hanna])
    before, after = bank.bi_account.executor_role_arn, f"{bank.bi_account.executor_role_arn}-2"
    confirmed(
        bank.greta, hanna,
        account_roles(bank.bi_account, {"executor_role_arn": after}, {"executor_role_arn": before}),
    )  # fmt: skip
    bank.bi_account.refresh_from_db()
    assert bank.bi_account.executor_role_arn == after
    refuses(bank, hanna, "Someone else has to decide")
    assert approve(bank, asked_item(bank, submission_key="ines"), by=bank.ines)


def test_who_took_somebody_into_a_team_does_not_decide_on_their_ask(bank: Bank) -> None:
    factories.join(bank.insurance, Membership.Role.DATA_OWNER, [bank.greta])
    pia = factories.make_person("Pia Lang")
    proposed(bank.greta, membership(pia, bank.bi, Membership.Role.MEMBER, held=True))
    refuses(bank, bank.greta, "Someone else has to decide", acting_user=pia)


def test_a_lasting_role_beside_a_new_one_still_counts(bank: Bank, hanna: Person) -> None:
    """Ines has been data owner for long; that she became a steward bars her as a steward alone."""
    confirmed(bank.greta, hanna, owner_of(factories.make_team("Other"), bank.ines))
    item = asked_item(bank, **asks_for_elsewhere(bank, bank.greta))
    assert may_decide(bank.ines, item, ["owner"])


def test_the_database_refuses_a_barred_decision(
    bank: Bank, hanna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(bank.greta, hanna, owner_of(bank.insurance, bank.greta))
    monkeypatch.setattr("requests_app.review.role_changes._has_bars", lambda _person: False)
    with pytest.raises(IntegrityError, match="bars person"):
        approve(bank, asked_item(bank), by=bank.greta)
