"""A product holds tables of its own domain alone, whoever writes; what was there before is shown by a check."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.declarations import DeclarationContext, DeclarationError, declare
from catalog.mirror.models import Database
from catalog.products.checks import check_product_domains
from catalog.products.models import DataProduct, Domain, ProductTable
from kernel import clock
from tests import factories
from tests.admin.test_edits_are_events import build_inline_fields
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank, make_bank
from tests.database import without_triggers

CLAIMS = "insurance_gold.claims belongs to Insurance. A product can only contain tables of its own domain."


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def cards(bank: Bank) -> Domain:
    return factories.make_domain(factories.make_team("Cards", owners=[bank.sam]), "Cards")


@pytest.fixture
def bundle(bank: Bank, cards: Domain) -> DataProduct:
    """A product of the cards, without tables."""
    return factories.make_product(cards, bank.sam, [], "Everything")


def free_table(bank: Bank, name: str = "unowned") -> Any:
    """Of a database that belongs to no domain."""
    return factories.make_table(factories.make_database(bank.catalog, None, name), "rates")


def test_the_database_refuses_a_table_of_another_domain(bank: Bank, bundle: DataProduct) -> None:
    with pytest.raises(IntegrityError, match="another domain"), transaction.atomic():
        ProductTable.objects.create(product=bundle, table=bank.claims)
    assert not bundle.product_tables.exists()


def test_neither_the_product_nor_the_database_moves_away_from_the_other(bank: Bank, cards: Domain) -> None:
    with pytest.raises(IntegrityError, match="another domain"), transaction.atomic():
        DataProduct.objects.filter(pk=bank.product.pk).update(domain=cards)
    with pytest.raises(IntegrityError, match="another domain"), transaction.atomic():
        Database.objects.filter(pk=bank.claims.database_id).update(domain=cards)


def test_both_move_by_way_of_no_domain(bank: Bank, cards: Domain) -> None:
    databases = Database.objects.filter(pk=bank.claims.database_id)
    databases.update(domain=None)
    DataProduct.objects.filter(pk=bank.product.pk).update(domain=cards)
    databases.update(domain=cards)
    assert check_product_domains(databases=["default"]) == []


def test_a_table_for_which_no_domain_answers_is_put_into_no_product(bank: Bank, bundle: DataProduct) -> None:
    table = free_table(bank)
    with pytest.raises(IntegrityError, match="another domain or none"), transaction.atomic():
        ProductTable.objects.create(product=bundle, table=table)
    row = {
        "slug": "all",
        "name": "All",
        "summary": "All",
        "domain": bundle.domain.slug,
        "owner": bank.sam.email,
    }
    with pytest.raises(DeclarationError, match=r"unowned\.rates belongs to no domain yet"):
        declare(
            DeclarationContext(bank.greta, clock.now(), ""),
            {"products": [{**row, "tables": ["unowned.rates"]}]},
        )
    assert not ProductTable.objects.filter(table=table).exists()


def test_a_table_whose_database_has_lost_its_domain_stays_in_products_of_one_domain(
    bank: Bank, bundle: DataProduct
) -> None:
    with without_triggers():
        ProductTable.objects.create(product=bundle, table=bank.claims)
    Database.objects.filter(pk=bank.claims.database_id).update(domain=bank.domain)
    with pytest.raises(IntegrityError, match="another domain"), transaction.atomic():
        Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    bundle.product_tables.all().delete()
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    assert bank.product.product_tables.exists()


def test_what_was_there_before_is_shown_by_a_check(bank: Bank, bundle: DataProduct) -> None:
    assert check_product_domains(databases=["default"]) == []
    with without_triggers():
        ProductTable.objects.create(product=bundle, table=bank.claims)
    (warning,) = check_product_domains(databases=["default"])
    assert warning.id == "catalog.W001"
    assert f"{bundle.slug} holds insurance_gold.claims" in warning.msg


def test_a_file_that_declares_it_is_refused_with_the_reason(bank: Bank, cards: Domain) -> None:
    row = {"slug": "all", "name": "All", "summary": "All", "domain": cards.slug, "owner": bank.sam.email}
    document = {"products": [{**row, "tables": ["insurance_gold.claims"]}]}
    with pytest.raises(DeclarationError, match=r"insurance_gold\.claims belongs to Insurance"):
        declare(DeclarationContext(bank.greta, clock.now(), ""), document)


def test_a_file_gives_no_database_away_whose_tables_another_domain_publishes(
    bank: Bank, bundle: DataProduct
) -> None:
    table = free_table(bank)
    with without_triggers():
        ProductTable.objects.create(product=bundle, table=table)
    row = {
        "slug": bank.domain.slug,
        "name": "x",
        "owner_team": bank.insurance.slug,
        "catalog": bank.catalog.short_name,
    }
    with pytest.raises(DeclarationError, match="The product Everything of Cards contains unowned"):
        declare(
            DeclarationContext(bank.greta, clock.now(), ""), {"domains": [{**row, "databases": ["unowned"]}]}
        )


def test_the_administration_pages_say_why(
    bank: Bank, bundle: DataProduct, cards: Domain, client: Client
) -> None:
    client.force_login(bank.greta)
    link = {"product": bundle.pk, "table": bank.claims.pk, "position": 1}
    assert CLAIMS in client.post(build_address(ProductTable, "add"), link).content.decode()
    fields = {
        "slug": "new",
        "name": "New",
        "summary": "New",
        "domain": cards.pk,
        "owner": bank.sam.pk,
        "tier": "gold",
    }
    inline = {"id": "", "table": bank.claims.pk, "position": 1}
    page = client.post(
        build_address(DataProduct, "add"), {**fields, **build_inline_fields("product_tables", 0, inline)}
    )
    assert CLAIMS in page.content.decode()
    moved = client.post(build_address(Database, "change", bank.claims.database_id), {"domain": cards.pk})
    assert "The product Claims of Insurance contains insurance_gold.claims." in moved.content.decode()
    assert ProductTable.objects.count() == 1
