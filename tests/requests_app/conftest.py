import pytest

from identity.models import LocalGroup, Person
from tests.bank import Bank, account_admin, actuaries, make_bank


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account."""
    return account_admin(bank)


@pytest.fixture
def group(bank: Bank, tom: Person) -> LocalGroup:
    return actuaries(bank, tom)
