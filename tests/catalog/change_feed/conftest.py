import pytest

from tests.bank import Bank, make_bank


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()
