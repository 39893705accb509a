"""Where a promise that is not kept is shown."""

import pytest
from django.urls import reverse

from catalog.products.models import DataProduct
from identity.people.models import Person
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.catalog.promises.test_actions import say
from tests.portal.conftest import make_client

BANNER = "Freshness: 31 hours old, promised: at most"


def get_page(person: Person, address: str) -> str:
    answer = make_client(person).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_product_page_shows_it_while_it_is_open_and_keeps_its_history(bank: Bank) -> None:
    address = reverse("data-product", args=[bank.product.slug])
    assert BANNER not in get_page(bank.ana, address)
    say(bank)
    page = get_page(bank.ana, address)
    assert BANNER in page
    assert "31 hours old" in page
    quality = reverse("data-product-quality", args=[bank.product.slug])
    assert BANNER in get_page(bank.ana, quality)
    assert "The last run of load_claims failed." in get_page(bank.ana, quality)
    say(bank, broken=False)
    page = get_page(bank.ana, address)
    assert BANNER not in page
    assert "Broken promises" in get_page(bank.ana, quality)


def test_a_search_marks_the_product(bank: Bank) -> None:
    say(bank, kind="quality", promised="at least 99% complete", fact="97.1% complete")
    index_tables([bank.claims.pk])
    assert "quality lower than promised" in get_page(bank.ana, "/search/?q=claims")
    found = make_client(bank.ana).get("/api/v1/search?q=claims").json()["results"]
    assert [one["broken_promises"] for one in found if one["kind"] == "data_product"] == [["quality"]]


def test_the_api_names_what_is_broken(bank: Bank) -> None:
    breach = say(bank)
    assert breach is not None
    answer = make_client(bank.ana).get(f"/api/v1/data-products/{bank.product.slug}").json()
    (told,) = answer["broken_promises"]
    assert (told["kind"], told["promised"], told["fact"]) == (
        "freshness", "at most 24 hours old", "31 hours old",
    )  # fmt: skip
    say(bank, broken=False)
    answer = make_client(bank.ana).get(f"/api/v1/data-products/{bank.product.slug}").json()
    assert answer["broken_promises"] == []


@pytest.mark.parametrize("address", ["/data-products/claims/", "/api/v1/data-products/claims"])
def test_who_may_not_see_the_product_sees_no_breach(bank: Bank, address: str) -> None:
    say(bank)
    DataProduct.objects.filter(pk=bank.product.pk).update(requested_by="domain", seen_by="domain")
    assert make_client(bank.sam).get(address).status_code == 404
