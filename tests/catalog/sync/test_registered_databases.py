"""To which domain a database belongs that the mirror reads for the first time."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.mirror.glue_parser import build_database_snapshot
from catalog.mirror.models import Database
from catalog.registrations.models import Registration
from catalog.sync.database_writer import store_database
from identity.accounts import ConnectedCatalog
from kernel import clock
from tests import factories
from tests.bank import Bank, make_bank
from tests.database import as_role
from tests.registrations import approve, ask, build_content, make_engineer_person, make_producer


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def ask_for_a_table(bank: Bank) -> Registration:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    engineer = factories.make_principal(account, "claims-pipeline")
    return ask(make_engineer_person(bank.domain), build_content(bank.catalog, bank.domain, engineer))


def read_database(catalog: ConnectedCatalog, created_at: datetime) -> Database:
    answer = {"Name": "registered", "CreateTime": created_at.replace(microsecond=0)}
    with as_role("meshmarket_worker"):
        return store_database(catalog, build_database_snapshot(answer, {}), clock.now())[0]


def test_a_database_that_an_approved_registration_created_belongs_to_its_domain(bank: Bank) -> None:
    approve(bank.ines, ask_for_a_table(bank))
    assert read_database(bank.catalog, datetime.now(UTC)).domain == bank.domain


def test_a_database_older_than_the_approval_belongs_to_no_domain(bank: Bank) -> None:
    approve(bank.ines, ask_for_a_table(bank))
    assert read_database(bank.catalog, datetime.now(UTC) - timedelta(hours=1)).domain is None


def test_a_requested_registration_gives_no_domain(bank: Bank) -> None:
    ask_for_a_table(bank)
    assert read_database(bank.catalog, datetime.now(UTC)).domain is None
