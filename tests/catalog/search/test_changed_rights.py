"""A change of rights shows in the next search: nothing of a person's rights is kept between two searches."""

from collections.abc import Callable

import pytest

from audit import clock
from catalog.products.models import DataProduct, ProductTable
from catalog.search.completion.suggestions import suggest
from fulfilment.observations.models import Observed
from identity.accounts.models import Principal
from identity.people.models import Membership
from tests import factories
from tests.catalog.shelf import Shelf, find, make_shelf, names, observe_select
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    """Ana's team is seen to read the table of Claims."""
    shelf = make_shelf()
    observe_select(shelf.claims_table, Principal.objects.get(name="bi-analyst").arn)
    return shelf


def aws_takes_it_back(shelf: Shelf) -> None:
    with as_role("meshmarket_worker"):
        Observed.objects.all().delete()


def leave_the_team(shelf: Shelf) -> None:
    Membership.objects.filter(person=shelf.ana).delete()


def the_role_is_gone(shelf: Shelf) -> None:
    Principal.objects.update(gone_at=clock.now())


@pytest.mark.parametrize("change", [aws_takes_it_back, leave_the_team, the_role_is_gone])
def test_what_is_no_longer_held_is_not_in_the_next_search(
    shelf: Shelf, change: Callable[[Shelf], None]
) -> None:
    assert names(find(shelf, "q=has:access")) == names(find(shelf, "access=have")) == ["Claims"]

    change(shelf)

    assert find(shelf, "q=has:access").total == find(shelf, "access=have").total == 0
    assert not any(hit.has_access for hit in find(shelf, "").hits)


def test_who_joins_a_team_has_what_it_has(shelf: Shelf) -> None:
    leave_the_team(shelf)
    factories.join(shelf.bi.team, Membership.Role.MEMBER, [shelf.ana])
    assert names(find(shelf, "access=have")) == ["Claims"]


def test_what_is_taken_back_into_the_workshop_is_gone_from_search_counts_and_completion(shelf: Shelf) -> None:
    assert suggest("Cla", person=shelf.ana)[0].label == "Claims"

    DataProduct.objects.filter(pk=shelf.claims.pk).update(is_published=False)

    found = find(shelf, "")
    assert "Claims" not in names(found)
    assert (found.total, found.products) == (2, 1)
    assert all(each.label != "Claims" for each in suggest("Cla", person=shelf.ana))


def test_a_table_is_found_by_itself_as_soon_as_no_product_has_it(shelf: Shelf) -> None:
    assert "claims" not in names(find(shelf, "q=type:table"))
    ProductTable.objects.filter(product=shelf.claims).delete()
    assert "claims" in names(find(shelf, "q=type:table"))
