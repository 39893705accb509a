"""Drafts of data products."""

from dataclasses import replace
from typing import Any

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.revisions.actions import save_product_draft
from catalog.revisions.content import ProductContent, compute_state_digest, read_content
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.bank import Bank


def get_state(bank: Bank) -> str:
    """What a page of the product is made from just now."""
    product = DataProduct.objects.get(pk=bank.product.pk)
    return compute_state_digest(product, get_draft(product))


def build_content(bank: Bank, **changes: Any) -> ProductContent:
    return replace(read_content(DataProduct.objects.get(pk=bank.product.pk)), **changes)


def make_other_table(bank: Bank) -> Table:
    """One that can take the place of the product's own: a product without tables is not published."""
    return factories.make_table(bank.claims.database, name="policies")


def save_draft(
    bank: Bank, person: Person, *, based_on: str | None = None, note: str = "", **changes: Any
) -> ProductRevision:
    """The product's content with `changes`, based on what is there now unless `based_on` is given."""
    return save_product_draft(
        acting_user=person,
        slug=bank.product.slug,
        content=build_content(bank, **changes),
        note=note,
        now=clock.now(),
        based_on=get_state(bank) if based_on is None else based_on,
    )
