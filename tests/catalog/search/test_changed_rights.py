"""A change of rights shows in the next search: nothing of a person's rights is kept between two searches."""

from collections.abc import Callable

import pytest

from catalog.products.models import DataProduct, ProductTable
from catalog.search.completion import suggest
from fulfilment.observations.models import ObservedPermission
from identity.accounts import Principal
from identity.people.models import Membership
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    observe_select,
    search_as_ana,
)
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    """Ana's team is seen to read the table of Claims."""
    shelf = make_sample_catalog()
    observe_select(shelf.claims_table, Principal.objects.get(name="bi-analyst").arn)
    return shelf


def revoke_in_aws(shelf: SampleCatalog) -> None:
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.all().delete()


def remove_membership(shelf: SampleCatalog) -> None:
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=shelf.ana).delete()


def delete_role(shelf: SampleCatalog) -> None:
    Principal.objects.update(gone_at=clock.now())


@pytest.mark.parametrize("change", [revoke_in_aws, remove_membership, delete_role])
def test_what_is_no_longer_held_is_not_in_the_next_search(
    shelf: SampleCatalog, change: Callable[[SampleCatalog], None]
) -> None:
    assert (
        list_hit_names(search_as_ana(shelf, "q=has:access"))
        == list_hit_names(search_as_ana(shelf, "access=have"))
        == ["Claims"]
    )

    change(shelf)

    assert search_as_ana(shelf, "q=has:access").total == search_as_ana(shelf, "access=have").total == 0
    assert not any(hit.has_access for hit in search_as_ana(shelf, "").hits)


def test_who_joins_a_team_has_what_it_has(shelf: SampleCatalog) -> None:
    remove_membership(shelf)
    factories.add_members(shelf.bi.team, Membership.Role.MEMBER, [shelf.ana])
    assert list_hit_names(search_as_ana(shelf, "access=have")) == ["Claims"]


def test_what_is_taken_back_into_the_workshop_is_gone_from_search_counts_and_completion(
    shelf: SampleCatalog,
) -> None:
    assert suggest("Cla", person=shelf.ana)[0].label == "Claims"

    DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)

    found = search_as_ana(shelf, "")
    assert "Claims" not in list_hit_names(found)
    assert (found.total, found.products) == (2, 1)
    assert all(each.label != "Claims" for each in suggest("Cla", person=shelf.ana))


def test_a_table_is_found_by_itself_as_soon_as_no_product_has_it(shelf: SampleCatalog) -> None:
    assert "claims" not in list_hit_names(search_as_ana(shelf, "q=type:table"))
    ProductTable.objects.filter(product=shelf.claims).delete()
    assert "claims" in list_hit_names(search_as_ana(shelf, "q=type:table"))
