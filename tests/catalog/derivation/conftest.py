"""A product made from the bank's claims."""

import pytest

from tests.bank import make_bank
from tests.derivation import DerivedBank, make_derived_bank


@pytest.fixture
def derived(db: None) -> DerivedBank:
    return make_derived_bank(make_bank())
