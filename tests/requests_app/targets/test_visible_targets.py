"""A request reads the tables and products that its requester sees, by the same rules as searches."""

from catalog.mirror.models import Table
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct
from identity.people.models import Membership, Person
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.visible_targets import read_visible_targets
from tests import factories
from tests.bank import Bank, make_owner_developer


def list_people(bank: Bank) -> list[Person]:
    """With an owner of another domain, a developer of this one, and somebody who is of its team alone."""
    member = factories.make_person("Mia Vogel")
    factories.add_members(bank.insurance, Membership.Role.MEMBER, [member])
    return [bank.ana, bank.ines, bank.greta, bank.sam, make_owner_developer(bank), member]


def test_they_are_those_that_are_visible(bank: Bank) -> None:
    database = bank.claims.database
    drafted, both, bare = (factories.make_table(database, name) for name in ("drafted", "both", "bare"))
    draft = factories.make_product(bank.domain, bank.sam, [drafted, both], "Draft")
    factories.make_product(bank.domain, bank.ines, [both], "Published")
    DataProduct.objects.filter(pk=draft.pk).update(is_published=False)
    tables, products = [bank.claims, drafted, both, bare], list(DataProduct.objects.all())
    asks = [
        RequestedItem(table.pk, (), whole_table=True, product_id=product.pk)
        for table in tables
        for product in products
    ]
    for person in list_people(bank):
        seen = read_visible_targets(person, asks)
        assert set(seen.tables) == set(visible_tables(person).values_list("pk", flat=True)), person
        shown = visible_products(person).filter(tables__in=Table.objects.all())
        assert set(seen.products) == set(shown.values_list("pk", "tables")), person
