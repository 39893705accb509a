import pytest
from pytest_django import Settings

from tests.bank import Bank, make_bank


@pytest.fixture(autouse=True)
def no_collected_files(settings: Settings) -> None:
    """Tests collect no static files; a missing folder is a warning, and warnings are errors."""
    settings.STATIC_ROOT = None


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()
