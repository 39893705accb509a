import pytest

from tests.bank import Bank
from tests.tag_changes import TaggingBank, make_tagging_bank


@pytest.fixture
def tagging(bank: Bank) -> TaggingBank:
    return make_tagging_bank(bank)
