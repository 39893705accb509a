"""Changing who may see and request a product."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from catalog.discovery import (
    DiscoverySettings,
    may_request_product,
    preview_settings,
    read_settings,
    set_discovery,
)
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests.catalog.discovery.sample_people import Zephyrine, make_zephyrine

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Zephyrine:
    return make_zephyrine()


def change(there: Zephyrine, person: Person, settings: DiscoverySettings, shown: str = "") -> DataProduct:
    shown = shown or read_settings(DataProduct.objects.get(pk=there.product.pk)).digest
    return set_discovery(
        acting_user=person, slug=there.product.slug, settings=settings, shown=shown, now=clock.now()
    )


def test_it_is_on_the_record(there: Zephyrine) -> None:
    teams = frozenset({there.named.pk})
    change(
        there, there.people["domain owner"], DiscoverySettings("organisation", "teams", request_teams=teams)
    )

    event = Event.objects.get(verb="set_discovery")
    assert event.subject == f"product:{there.product.pk}"
    assert event.data["after"]["requesting_teams"] == [there.named.pk]
    assert read_settings(DataProduct.objects.get(pk=there.product.pk)).request_teams == teams


def test_the_same_settings_change_nothing(there: Zephyrine) -> None:
    change(there, there.people["domain owner"], DiscoverySettings())
    assert not Event.objects.filter(verb="set_discovery").exists()


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (DiscoverySettings("domain", "organisation"), "requested_by"),
        (DiscoverySettings("organisation", "everyone"), "requested_by"),
        (DiscoverySettings("teams", "line"), "see_teams"),
        (DiscoverySettings("teams", "domain"), "see_teams"),
        (DiscoverySettings("organisation", "teams"), "request_teams"),
        (DiscoverySettings("sideways", "teams"), "seen_by"),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_field(
    there: Zephyrine, settings: DiscoverySettings, field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        change(there, there.people["domain owner"], settings)
    assert refused.value.field in {field, "requested_by"}


@pytest.mark.parametrize(("name", "seen_by"), [("outside", "organisation"), ("other line", "line")])
def test_teams_that_may_not_see_it_cannot_request_it(there: Zephyrine, name: str, seen_by: str) -> None:
    team = there.accounts[name].team
    settings = DiscoverySettings(seen_by, "teams", request_teams=frozenset({team.pk}))
    with pytest.raises(RefusedError, match=team.name):
        change(there, there.people["domain owner"], settings)


def test_the_database_refuses_more_requesters_than_viewers(there: Zephyrine) -> None:
    rows = DataProduct.objects.filter(pk=there.product.pk)
    with pytest.raises(IntegrityError, match="product_requested_by_who_sees_it"), transaction.atomic():
        rows.update(seen_by="domain", requested_by="line")


def test_an_older_page_changes_nothing(there: Zephyrine) -> None:
    shown = read_settings(there.product).digest
    there.limit("line")
    with pytest.raises(RefusedError):
        change(there, there.people["domain owner"], DiscoverySettings("domain", "domain"), shown)


def test_only_data_owners_of_the_domain_decide(there: Zephyrine) -> None:
    there.limit("line")
    for name, error in (
        ("domain", ForbiddenError),
        ("auditor", ForbiddenError),
        ("other line", NotFoundError),
    ):
        with pytest.raises(error):
            change(there, there.people[name], DiscoverySettings())


@pytest.mark.parametrize(
    ("requested_by", "may"),
    [
        (
            "everyone",
            {"line", "other line", "named", "outside", "domain", "domain owner", "nobody", "auditor"},
        ),
        ("organisation", {"line", "other line", "named", "domain", "domain owner", "nobody", "auditor"}),
        ("line", {"line", "domain", "domain owner"}),
        ("domain", {"domain", "domain owner"}),
        ("teams", {"named", "domain", "domain owner"}),
    ],
)
def test_who_may_request(there: Zephyrine, requested_by: str, may: set[str]) -> None:
    there.limit("everyone", requested_by)
    product = DataProduct.objects.select_related("domain__owner_team").get(pk=there.product.pk)
    said = {name: may_request_product(person, product) for name, person in there.people.items()}
    assert {name for name, verdict in said.items() if verdict} == may
    assert all("can request Zephyrine" in verdict.reason for verdict in said.values() if not verdict)


def test_a_preview_counts_both_ways(there: Zephyrine) -> None:
    narrow: Any = preview_settings(there.product, DiscoverySettings("domain", "domain"))
    # Nick, Nora, Otto and Lina; nobody of these holds access.
    assert (narrow.gains, narrow.loses, narrow.keeps) == (0, 4, 0)
    wide = preview_settings(there.product, DiscoverySettings("everyone", "everyone"))
    assert (wide.gains, wide.loses, wide.may_request) == (1, 0, 1)
