"""Neither a successor nor a retired product is named to who may not see it."""

from typing import Any

import pytest

from catalog.product_lifecycle.actions import DeprecationTerms, deprecate_product
from catalog.product_lifecycle.models import (
    compute_lifecycle_digest,
    find_request_refusals,
    find_shown_successors,
    get_open_deprecation,
)
from catalog.products.may import formerly_visible_products
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from tests.catalog.discovery.sample_people import Zephyrine, make_zephyrine

pytestmark = pytest.mark.django_db
SEES = {
    "line": {"line", "domain", "domain owner", "auditor"},
    "teams": {"named", "domain", "domain owner", "auditor"},
}


@pytest.fixture
def there() -> Zephyrine:
    return make_zephyrine()


def deprecate(there: Zephyrine, product: DataProduct, successor: str = "") -> DataProduct:
    product = DataProduct.objects.get(pk=product.pk)
    deprecate_product(
        acting_user=product.owner, slug=product.slug, terms=DeprecationTerms("Old.", successor),
        shown=compute_lifecycle_digest(product), now=clock.now(),
    )  # fmt: skip
    product.refresh_from_db()
    return product


def get_successor(person: Person, product: DataProduct) -> DataProduct | None:
    deprecation = get_open_deprecation(product)
    assert deprecation is not None
    return find_shown_successors(person, [deprecation]).get(product.pk)


def list_who(there: Zephyrine, sees: Any) -> set[str]:
    return {name for name, person in there.people.items() if sees(person)}


@pytest.mark.parametrize("audience", SEES)
def test_a_successor_is_named_to_its_audience(there: Zephyrine, audience: str) -> None:
    DataProduct.objects.filter(pk=there.other_product.pk).update(owner=there.people["domain owner"])
    product = deprecate(there, there.other_product, there.product.slug)
    there.limit(audience)

    def is_told(person: Person) -> bool:
        team = there.named
        return "Zephyrine" in find_request_refusals([product.pk], person, team, clock.now())[product.pk]

    assert list_who(there, is_told) == SEES[audience]
    assert list_who(there, lambda person: get_successor(person, product)) == SEES[audience]


@pytest.mark.parametrize("audience", SEES)
def test_a_retired_product_is_known_to_its_audience_alone(there: Zephyrine, audience: str) -> None:
    there.limit(audience)
    deprecate(there, there.product)
    DataProduct.objects.filter(pk=there.product.pk).update(is_published=False, retired_at=clock.now())
    assert list_who(there, lambda person: formerly_visible_products(person).exists()) == SEES[audience]


@pytest.mark.parametrize("is_retired", [True, False])
def test_a_chain_leads_to_the_product_that_takes_requests(there: Zephyrine, is_retired: bool) -> None:  # noqa: FBT001 - a case
    owner = there.people["domain owner"]
    first, second = (
        DataProduct.objects.create(
            slug=slug, name=slug, summary="x", domain=there.product.domain, owner=owner
        )
        for slug in ("first", "second")
    )
    first = deprecate(there, first, "second")
    second = deprecate(there, second, there.product.slug)
    if is_retired:
        for one in (first, second):
            DataProduct.objects.filter(pk=one.pk).update(is_published=False, retired_at=clock.now())
    assert get_successor(owner, first) == there.product
    deprecate(there, there.product)
    assert get_successor(owner, first) is None
