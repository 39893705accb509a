"""The page of a product's discovery settings, and of products that a person sees but may not request."""

import re
from typing import Any

import pytest

from catalog.products.models import Audience, DataProduct
from identity.people.models import Person
from tests.bank import Bank
from tests.catalog.discovery.sample_people import Zephyrine, make_zephyrine
from tests.offers import publish_draft
from tests.portal.conftest import make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Zephyrine:
    return make_zephyrine()


def post(there: Zephyrine, **fields: Any) -> Any:
    address = f"/my-products/{there.product.slug}/discovery/"
    client = make_client(there.people["domain owner"])
    shown = re.search(r'name="shown" value="(\w+)"', client.get(address).content.decode())
    assert shown is not None
    return client.post(address, {"shown": shown[1], **fields})


def get_audience(there: Zephyrine) -> tuple[str, str]:
    product = DataProduct.objects.get(pk=there.product.pk)
    return product.seen_by, product.requested_by


def test_the_effect_is_shown_before_it_is_saved(there: Zephyrine) -> None:
    fields = {"seen_by": "line", "requested_by": "domain"}
    preview = post(there, **fields).content.decode()
    assert "3 people will no longer be able to see it." in preview
    assert get_audience(there) == ("organisation", "organisation")

    previewed = re.search(r'name="previewed" value="(\w+)"', preview)
    assert previewed is not None
    other = post(there, seen_by="domain", requested_by="domain", previewed=previewed[1], do="save")
    assert (other.status_code, get_audience(there)) == (422, ("organisation", "organisation"))
    assert "These are not the settings that you checked." in other.content.decode()
    assert post(there, **fields, previewed=previewed[1], do="save").status_code == 302
    assert get_audience(there) == ("line", "domain")


def test_an_error_stands_at_its_field(there: Zephyrine) -> None:
    answer = post(there, seen_by="domain", requested_by="organisation")
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"requested_by"}
    answer = post(there, seen_by="teams", requested_by="domain")
    assert answer.context["form"].errors.keys() == {"see_teams"}
    assert post(there, seen_by="sideways", requested_by="domain").status_code == 422
    assert post(there, seen_by="teams", requested_by="domain", see_teams="x").status_code == 422


def test_only_data_owners_open_it(there: Zephyrine) -> None:
    for name, person in there.people.items():
        answer = make_client(person).get(f"/my-products/{there.product.slug}/discovery/")
        assert answer.status_code == (200 if name == "domain owner" else 404), name


def test_who_may_request_is_said_in_place_of_the_button(there: Zephyrine) -> None:
    there.limit("organisation", "line")
    for name, is_said in (("other line", True), ("line", False)):
        client = make_client(there.people[name])
        for address in (f"/data-products/{there.product.slug}/", f"/tables/{there.table.pk}/"):
            page = client.get(address).content.decode()
            assert ("Only people in the line of business Earth can request Zephyrine." in page) == is_said
            assert ("Request access" in page) != is_said


def test_offers_have_no_request_links_for_those_who_may_not_request_it(bank: Bank) -> None:
    publish_draft(bank)
    for audience, has_links in ((Audience.ORGANISATION, True), (Audience.DOMAIN, False)):
        DataProduct.objects.filter(pk=bank.product.pk).update(requested_by=audience)
        page = make_client(bank.ana).get(f"/data-products/{bank.product.slug}/").content.decode()
        assert ("Request access" in page) == has_links


def test_storage_is_not_shown_to_people_from_outside(there: Zephyrine) -> None:
    there.limit("everyone")
    account = there.table.database.catalog.account.account_id

    def read(person: Person) -> str:
        return make_client(person).get(f"/tables/{there.table.pk}/").content.decode()

    inside, outside = read(there.people["other line"]), read(there.people["outside"])
    for text in ("s3://zephyrbucket/gold/", account):
        assert (text in inside, text in outside) == (True, False)
