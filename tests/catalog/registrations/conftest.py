from dataclasses import dataclass
from typing import Any

import pytest

from catalog.registrations.content import RegistrationContent
from catalog.registrations.models import Registration
from identity.accounts import Principal
from identity.people.models import Person
from tests import factories
from tests.bank import Bank, make_bank
from tests.registrations import ask, build_content, make_engineer_person, make_producer


@dataclass
class RegisteringBank:
    """The bank, with a producer account of Insurance and Dev, a developer."""

    bank: Bank
    dev: Person
    engineer: Principal

    def build(self, **changes: Any) -> RegistrationContent:
        return build_content(self.bank.catalog, self.bank.domain, self.engineer, **changes)

    def ask(self, person: Person | None = None, **changes: Any) -> Registration:
        return ask(person or self.dev, self.build(**changes))


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def registering(bank: Bank) -> RegisteringBank:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    return RegisteringBank(
        bank, make_engineer_person(bank.domain), factories.make_principal(account, "claims-pipeline")
    )
