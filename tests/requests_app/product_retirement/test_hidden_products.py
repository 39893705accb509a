"""Products that a person may not see neither open nor close a request, and are not named by a refusal."""

import pytest

from catalog.discovery import DiscoverySettings, read_settings, set_discovery
from catalog.products.models import DataProduct
from kernel import clock
from kernel.errors import RefusedError
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.product_retirement.queries import find_retired_product
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.product_lifecycle import deprecate, make_successor, schedule


def hide(bank: Bank, product: DataProduct) -> None:
    product = DataProduct.objects.get(pk=product.pk)
    set_discovery(
        acting_user=bank.ines, slug=product.slug, settings=DiscoverySettings("domain", "domain"),
        shown=read_settings(product).digest, now=clock.now(),
    )  # fmt: skip


def test_a_hidden_product_with_the_same_table_does_not_open_it(bank: Bank) -> None:
    hide(bank, factories.make_product(bank.domain, bank.ines, [bank.claims], "Secret"))
    deprecate(bank)
    with pytest.raises(RefusedError, match="Claims is deprecated") as caught:
        submit_bank_item(bank, items=[RequestedItem(bank.claims.pk, ("claim_id",), False, None)])
    assert "Secret" not in str(caught.value)


def test_a_hidden_deprecated_product_closes_nothing(bank: Bank) -> None:
    secret = factories.make_product(bank.domain, bank.ines, [bank.claims], "Secret")
    hide(bank, secret)
    deprecate(bank, secret)
    ask = RequestedItem(bank.claims.pk, ("claim_id",), False, None)
    assert submit_bank_item(bank, items=[ask]).state == "submitted"


def test_a_hidden_successor_is_not_named(bank: Bank) -> None:
    successor = make_successor(bank, "Secret")
    hide(bank, successor)
    deprecate(bank, successor=successor.slug)
    with pytest.raises(RefusedError, match="takes no new requests") as caught:
        submit_bank_item(bank)
    assert "Secret" not in str(caught.value)


def test_a_retired_product_is_found_by_who_held_it_and_by_no_other_outside_its_audience(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    hide(bank, bank.product)
    deprecate(bank)
    schedule(bank)
    carry_out_retirements(clock.now())
    found = {
        person.name: bool(find_retired_product(person, bank.product.slug))
        for person in (bank.ana, bank.ines, bank.sam, factories.make_person("Ext", is_external=True))
    }
    assert found == {"Ana Keller": True, "Ines Roth": True, "Sam Outis": False, "Ext": False}
