import pytest
from django.test import Client

from catalog.search.index.indexing import index_products
from identity.people.models import Person
from tests.bank import Bank, make_bank
from tests.catalog.indexing import index_tables


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    index_tables([found.claims.pk])
    index_products()
    return found


def make_client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client
