"""Requests by people who see a product and may not request it, and what holders of access go on seeing."""

import pytest

from catalog.discovery import DiscoverySettings, read_settings, set_discovery
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct, Domain
from catalog.search.query import SearchQuery
from catalog.search.search import search
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from requests_app.submission.basket import add_to_basket
from requests_app.targets.databases import build_database_target
from requests_app.targets.many_tables import find_discovery_refusal
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request

pytestmark = pytest.mark.django_db
REFUSED = "Only people in Insurance can request Claims"


def limit(bank: Bank, seen_by: str, requested_by: str = "domain") -> None:
    Domain.objects.filter(pk=bank.domain.pk).update(line_of_business="Cover")
    product = DataProduct.objects.get(pk=bank.product.pk)
    set_discovery(
        acting_user=bank.ines, slug=product.slug, settings=DiscoverySettings(seen_by, requested_by),
        shown=read_settings(product).digest, now=clock.now(),
    )  # fmt: skip


def test_a_request_is_refused_with_who_may(bank: Bank) -> None:
    limit(bank, "organisation")
    for product in (bank.product.pk, None):
        item = RequestedItem(bank.claims.pk, ("claim_id",), False, product)
        with pytest.raises(RefusedError, match=REFUSED):
            submit_bank_request(bank, items=[item], idempotency_key=f"for {product}")
        with pytest.raises(RefusedError, match=REFUSED):
            add_to_basket(person=bank.ana, team=bank.bi, requested_items=[item], now=clock.now())


def test_a_database_with_such_a_table_cannot_be_requested(bank: Bank) -> None:
    limit(bank, "organisation")
    target = build_database_target(bank.claims.database, bank.ana)
    assert REFUSED in find_discovery_refusal(target.tables, bank.ana)
    assert find_discovery_refusal(target.tables, bank.ines) == ""


def test_a_grant_stays_and_its_holder_goes_on_seeing(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    limit(bank, "domain")
    grant.refresh_from_db()
    assert grant.state == "live"
    assert visible_products(bank.ana).filter(pk=bank.product.pk).exists()
    assert visible_tables(bank.ana).filter(pk=bank.claims.pk).exists()
    assert search(SearchQuery("claims"), person=bank.ana).products == 1
    assert not visible_products(bank.sam).exists()


def test_people_from_outside_see_what_they_hold(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    Person.objects.filter(pk=bank.ana.pk).update(is_external=True)
    bank.ana.refresh_from_db()
    assert visible_products(bank.ana).filter(pk=bank.product.pk).exists()
    assert visible_tables(bank.ana).filter(pk=bank.claims.pk).exists()
    Person.objects.filter(pk=bank.sam.pk).update(is_external=True)
    bank.sam.refresh_from_db()
    assert not visible_products(bank.sam).exists()
    assert not visible_tables(bank.sam).exists()
