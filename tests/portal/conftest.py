import pytest
from django.test import Client

from catalog.search.index.indexing import index_products, index_tables
from identity.people.models import Person
from tests.bank import Bank, make_bank


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    index_tables([found.claims.pk])
    index_products()
    return found


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client
