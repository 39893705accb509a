"""Who may do what with the life cycle of a product: its owner and the data owners of its team."""

from collections.abc import Callable

import pytest

from catalog.product_lifecycle.actions import (
    may_allow_requests,
    may_deprecate_product,
    may_end_request_exception,
    may_withdraw_deprecation,
)
from catalog.products.models import DataProduct
from identity.people.models import Membership, Person
from kernel.verdicts import Verdict
from requests_app.product_retirement.may import may_call_off_retirement, may_schedule_retirement
from tests import factories
from tests.bank import Bank, make_owner_developer
from tests.product_lifecycle import reload_product

VERBS = (
    may_allow_requests,
    may_call_off_retirement,
    may_deprecate_product,
    may_end_request_exception,
    may_schedule_retirement,
    may_withdraw_deprecation,
)


@pytest.mark.parametrize("may", VERBS)
def test_the_owner_and_the_data_owners_of_the_team_may(
    bank: Bank, may: Callable[[Person, DataProduct], Verdict]
) -> None:
    outsider = factories.make_person("Otto Owner")
    DataProduct.objects.filter(pk=bank.product.pk).update(owner=outsider)
    lead = factories.make_person("Lena Lead")
    factories.add_members(bank.insurance, Membership.Role.LEAD, [lead])
    product = reload_product(bank)
    people = (bank.ines, bank.ivo, outsider, lead, make_owner_developer(bank), bank.ana, bank.greta, bank.sam)
    allowed = [person for person in people if may(person, product)]
    assert allowed == [bank.ines, bank.ivo, outsider]
    assert "Only the owner and the data owners of Insurance" in may(bank.ana, product).reason


@pytest.mark.parametrize("may", VERBS)
def test_who_was_deactivated_may_not(bank: Bank, may: Callable[[Person, DataProduct], Verdict]) -> None:
    bank.ines.is_active = False
    assert not may(bank.ines, reload_product(bank))
