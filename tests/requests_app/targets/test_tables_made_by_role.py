"""A role that made tables of its own account sees them anyway: whoever decides is told which."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from requests_app.access_requests.models import RequestItem
from requests_app.targets.checks import compute_effects
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.requests_app import database_request, lf_tags_request

WARNING_TEXT = "can see all of"


@pytest.fixture
def home(bank: Bank) -> Bank:
    """Three tables carry the tags; the owner's account uses data as well, and Ana asks for a role of it."""
    carrying = [
        bank.claims,
        *(factories.make_table(bank.claims.database, name) for name in ("lives", "rates")),
    ]
    for table in carrying:
        lf_tags_request.assign_tags(table, {"tier": "gold"})
    account = bank.catalog.account
    account.team, account.is_consumer = bank.bi, True
    account.save()
    return replace(bank, role=factories.make_principal(account, "etl"))


def submit_by_tags(bank: Bank) -> RequestItem:
    return lf_tags_request.submit_by_lf_tags(bank)


def submit_for_database(bank: Bank) -> RequestItem:
    return database_request.submit_for_bank_database(bank).items.get()


def set_creator(bank: Bank, *names: str) -> None:
    """As a job of the role made them, whose session Glue names."""
    session = f"arn:aws:sts::{bank.catalog.account.account_id}:assumed-role/{bank.role.name}/nightly"
    Table.objects.filter(name__in=names).update(created_by=session)


def list_warnings(item: RequestItem) -> list[str]:
    return [line.text for line in compute_effects(item).warnings if WARNING_TEXT in line.text]


@pytest.mark.parametrize("asked", [submit_by_tags, submit_for_database])
def test_tables_that_the_role_made_are_named(home: Bank, asked: Callable[[Bank], RequestItem]) -> None:
    item = asked(home)
    assert list_warnings(item) == []
    before = compute_effects(item).digest()
    set_creator(home, "claims")
    assert list_warnings(item) == [
        "etl created insurance_gold.claims and can see all of it anyway: this grant does not restrict that"
    ]
    set_creator(home, "claims", "rates")
    both = "insurance_gold.claims, insurance_gold.rates"
    assert list_warnings(item) == [
        f"etl created {both} and can see all of them anyway: this grant does not restrict that"
    ]
    assert compute_effects(item).digest() == before


@pytest.mark.parametrize("asked", [submit_by_tags, submit_for_database])
def test_the_review_shows_it(home: Bank, asked: Callable[[Bank], RequestItem]) -> None:
    item = asked(home)
    set_creator(home, "lives")
    page = make_client(home.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert f"etl created insurance_gold.lives and {WARNING_TEXT} it anyway" in page


def test_of_many_some_are_named_and_the_others_counted(home: Bank) -> None:
    names = [f"t{number}" for number in range(9)]
    for name in names:
        factories.make_table(home.claims.database, name)
    item = submit_for_database(home)
    set_creator(home, *names)
    (text,) = list_warnings(item)
    assert text.startswith(
        "etl created insurance_gold.t0, insurance_gold.t1, insurance_gold.t2 and 6 more and "
    )


@pytest.mark.parametrize("asked", [submit_by_tags, submit_for_database])
def test_a_role_of_another_account_made_nothing_there(
    bank: Bank, asked: Callable[[Bank], RequestItem]
) -> None:
    lf_tags_request.assign_tags(bank.claims, {"tier": "gold"})
    item = asked(bank)
    Table.objects.update(created_by=bank.role.arn)
    assert list_warnings(item) == []
