"""New products, by the people of their domain."""

from dataclasses import replace
from typing import Any

import pytest

from audit.models import Event
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.revisions.actions import create_product, publish_product_draft, save_product_draft
from catalog.revisions.content import compute_state_digest, read_content
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank


def create(bank: Bank, person: Person, **changes: Any) -> DataProduct:
    values = {"domain": bank.domain.slug, "name": "Loss Ratio", "summary": "By line.", "owner": bank.ines.pk}
    return create_product(acting_user=person, now=clock.now(), **{**values, **changes})


def test_a_developer_creates_a_product_that_only_the_team_sees(bank: Bank) -> None:
    dev = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [dev])
    product = create(bank, dev)
    assert (product.slug, product.owner, product.is_published) == ("loss-ratio", bank.ines, False)
    assert visible_products(dev).contains(product)
    assert not visible_products(bank.ana).contains(product)
    assert Event.objects.get(verb="create_product").actor == f"person:{dev.pk}"


def test_its_first_draft_publishes_it(bank: Bank) -> None:
    product = create(bank, bank.ines)
    publish(bank, product, (bank.claims.pk,))
    assert visible_products(bank.ana).contains(product)


def test_it_is_not_published_without_a_table(bank: Bank) -> None:
    product = create(bank, bank.ines)
    with pytest.raises(RefusedError, match="at least one table: Add a table"):
        publish(bank, product, ())
    assert not visible_products(bank.ana).contains(product)


def publish(bank: Bank, product: DataProduct, tables: tuple[int, ...]) -> None:
    content = replace(read_content(product), tables=tables)
    state = compute_state_digest(product, None)
    draft = save_product_draft(
        acting_user=bank.ines, slug=product.slug, content=content, note="", now=clock.now(), based_on=state
    )
    shown = compute_state_digest(product, draft)
    publish_product_draft(acting_user=bank.ines, slug=product.slug, shown=shown, now=clock.now())


def test_slugs_are_unique_and_names_within_the_domain(bank: Bank) -> None:
    create(bank, bank.ines)
    with pytest.raises(RefusedError, match="has a product of this name already"):
        create(bank, bank.ines, name="loss ratio")
    assert create(bank, bank.ines, name="Loss-Ratio!").slug == "loss-ratio-2"
    assert create(bank, bank.ines, name="損害率").slug == "product"
    assert len(create(bank, bank.ines, name="x" * 160).slug) <= 50


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"summary": ""}, "summary"),
        ({"owner": 987_654_321}, "owner"),
    ],
)
def test_an_invalid_field_is_refused(bank: Bank, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        create(bank, bank.ines, **changes)
    assert refused.value.field == field


def test_nobody_creates_products_of_another_domain(bank: Bank) -> None:
    for person in (bank.ana, bank.sam, bank.greta):
        with pytest.raises(NotFoundError):
            create(bank, person)
    with pytest.raises(NotFoundError):
        create(bank, bank.ines, domain="no-such")
