"""A role that made tables of its own account sees all of them anyway: whoever decides on an ask of many is told which."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from requests_app.access_requests.models import Item
from requests_app.targets.access import compute_effects
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import signed_in
from tests.requests_app import database_request, lf_tags_request

MADE = "can see all of"


@pytest.fixture
def home(bank: Bank) -> Bank:
    """Three tables carry the tags; the owner's account uses data as well, and Ana asks for a role of it."""
    carrying = [
        bank.claims,
        *(factories.make_table(bank.claims.database, name) for name in ("lives", "rates")),
    ]
    for table in carrying:
        lf_tags_request.carry(table, {"tier": "gold"})
    account = bank.catalog.account
    account.team, account.is_consumer = bank.bi, True
    account.save()
    return replace(bank, role=factories.make_principal(account, "etl"))


def by_tags(bank: Bank) -> Item:
    return lf_tags_request.ask(bank)


def whole_database(bank: Bank) -> Item:
    return database_request.ask(bank).items.get()


def make(bank: Bank, *names: str) -> None:
    """As a job of the role made them, whose session Glue names."""
    session = f"arn:aws:sts::{bank.catalog.account.account_id}:assumed-role/{bank.role.name}/nightly"
    Table.objects.filter(name__in=names).update(made_by=session)


def told(item: Item) -> list[str]:
    return [line.text for line in compute_effects(item).warnings if MADE in line.text]


@pytest.mark.parametrize("asked", [by_tags, whole_database])
def test_tables_that_the_role_made_are_named(home: Bank, asked: Callable[[Bank], Item]) -> None:
    item = asked(home)
    assert told(item) == []
    before = compute_effects(item).digest()
    make(home, "claims")
    assert told(item) == [
        "etl created insurance_gold.claims and can see all of it anyway: this grant does not restrict that"
    ]
    make(home, "claims", "rates")
    both = "insurance_gold.claims, insurance_gold.rates"
    assert told(item) == [
        f"etl created {both} and can see all of them anyway: this grant does not restrict that"
    ]
    assert compute_effects(item).digest() == before


@pytest.mark.parametrize("asked", [by_tags, whole_database])
def test_the_review_shows_it(home: Bank, asked: Callable[[Bank], Item]) -> None:
    item = asked(home)
    make(home, "lives")
    page = signed_in(home.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert f"etl created insurance_gold.lives and {MADE} it anyway" in page


def test_of_many_some_are_named_and_the_others_counted(home: Bank) -> None:
    names = [f"t{number}" for number in range(9)]
    for name in names:
        factories.make_table(home.claims.database, name)
    item = whole_database(home)
    make(home, *names)
    (text,) = told(item)
    assert text.startswith(
        "etl created insurance_gold.t0, insurance_gold.t1, insurance_gold.t2 and 6 more and "
    )


@pytest.mark.parametrize("asked", [by_tags, whole_database])
def test_a_role_of_another_account_made_nothing_there(bank: Bank, asked: Callable[[Bank], Item]) -> None:
    lf_tags_request.carry(bank.claims, {"tier": "gold"})
    item = asked(bank)
    Table.objects.update(made_by=bank.role.arn)
    assert told(item) == []
