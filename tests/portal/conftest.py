import pytest
from django.test import Client

from catalog.index import index_products, index_tables
from identity.models import LocalGroup, Person
from tests.bank import Bank, account_admin, actuaries, make_bank


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    index_tables([found.claims.pk])
    index_products()
    return found


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account."""
    return account_admin(bank)


@pytest.fixture
def group(bank: Bank, tom: Person) -> LocalGroup:
    return actuaries(bank, tom)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client
