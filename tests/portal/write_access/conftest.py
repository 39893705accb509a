import pytest

from identity.accounts import Principal
from tests import factories
from tests.bank import Bank
from tests.registrations import make_producer


@pytest.fixture
def pipeline(bank: Bank) -> Principal:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    return factories.make_principal(account, "claims-load")
