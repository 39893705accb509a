"""Tables of a product's own domain, chosen by its people."""

import pytest

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct
from catalog.revisions.actions import publish_product_draft
from catalog.revisions.models import ProductRevision
from kernel import clock
from kernel.errors import RefusedError
from tests import factories
from tests.bank import Bank
from tests.products import get_state, save_draft


@pytest.fixture
def own_table(bank: Bank) -> Table:
    """A further table of the domain's database, in no product."""
    Database.objects.filter(pk=bank.claims.database_id).update(domain=bank.domain)
    return factories.make_table(bank.claims.database, "payouts")


def publish(bank: Bank) -> None:
    publish_product_draft(
        acting_user=bank.ines,
        slug=bank.product.slug,
        shown=get_state(bank),
        now=clock.now(),
        accepts_breaking=True,
    )


def list_tables(bank: Bank) -> list[int]:
    return list(bank.product.product_tables.order_by("position").values_list("table_id", flat=True))


def test_tables_are_added_in_their_order_and_removed(bank: Bank, own_table: Table) -> None:
    save_draft(bank, bank.ines, tables=(own_table.pk, bank.claims.pk))
    assert list_tables(bank) == [bank.claims.pk]
    publish(bank)
    assert list_tables(bank) == [own_table.pk, bank.claims.pk]
    save_draft(bank, bank.ines, tables=(own_table.pk,))
    publish(bank)
    assert list_tables(bank) == [own_table.pk]


def test_tables_outside_the_domain_are_refused(bank: Bank, own_table: Table) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    for table in (own_table.pk, 987_654_321):
        with pytest.raises(RefusedError, match="own databases") as refused:
            save_draft(bank, bank.ines, tables=(bank.claims.pk, table))
        assert refused.value.field == "tables"


def test_a_table_whose_database_has_no_domain_stays(bank: Bank) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    with pytest.raises(RefusedError, match="belongs to no domain"):
        save_draft(bank, bank.ines, tables=())
    save_draft(bank, bank.ines, summary="Claims, each night.")


def test_a_draft_that_says_nothing_of_tables_keeps_them(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary="Claims, each night.")
    draft = ProductRevision.objects.get()
    del draft.content["tables"]
    draft.save(update_fields=["content"])
    publish(bank)
    assert list_tables(bank) == [bank.claims.pk]


def test_a_table_that_moved_to_another_domain_is_not_published(bank: Bank, own_table: Table) -> None:
    save_draft(bank, bank.ines, tables=(bank.claims.pk, own_table.pk))
    DataProduct.objects.get(pk=bank.product.pk)
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    with pytest.raises(RefusedError, match="own databases"):
        publish(bank)
    assert list_tables(bank) == [bank.claims.pk]
