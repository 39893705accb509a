import pytest

from tests.bank import make_bank
from tests.tag_changes import TaggingBank, make_tagging_bank


@pytest.fixture
def tagging(db: None) -> TaggingBank:
    return make_tagging_bank(make_bank())
