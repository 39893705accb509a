from dataclasses import dataclass
from typing import Any

import pytest

from identity.accounts import Account, Principal
from identity.people.models import Person
from requests_app.write_access.models import WriteRequest
from tests import factories
from tests.bank import Bank, make_bank
from tests.registrations import make_engineer_person, make_producer
from tests.write_access import ask_to_write


@dataclass
class WritingBank:
    """The bank, with a producer account of Insurance, its pipeline's role, and Dev, a developer."""

    bank: Bank
    dev: Person
    account: Account
    pipeline: Principal

    def ask(self, person: Person | None = None, **changes: Any) -> WriteRequest:
        principal = changes.pop("principal", self.pipeline)
        return ask_to_write(person or self.dev, self.bank.claims, principal, **changes)


@pytest.fixture
def writing(db: None) -> WritingBank:
    bank = make_bank()
    account = factories.make_account(bank.insurance, name="Insurance", is_consumer=False)
    make_producer(account, bank.domain)
    pipeline = factories.make_principal(account, "claims-load")
    return WritingBank(bank, make_engineer_person(bank.domain), account, pipeline)
