"""Freshness on the pages of a product and a table, and in the API."""

from typing import Any

from django.urls import reverse

from catalog.freshness import FreshnessSource
from identity.people.models import Person
from tests.bank import Bank
from tests.freshness import promise, read_claims
from tests.portal.conftest import make_client


def get_page(person: Person, name: str, *arguments: Any) -> str:
    answer = make_client(person).get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def get_answer(person: Person, address: str) -> Any:
    return make_client(person).get(f"/api/v1/{address}").json()["freshness"]


def test_before_the_first_reading_it_is_not_known(bank: Bank) -> None:
    promise(bank, 24)
    assert "promised: at most 1 day old" in get_page(bank.ana, "data-product", bank.product.slug)
    page = get_page(bank.ana, "data-product-quality", bank.product.slug)
    assert "not read yet" in page
    assert "promised: at most 1 day old" in page
    assert get_answer(bank.ana, f"data-products/{bank.product.slug}") == {
        "state": "not_known", "at": None, "source": None, "promise": 24, "may_be_newer": False, "checked_at": None,
    }  # fmt: skip


def test_a_late_product_says_how_old_it_is_by_what_and_what_was_promised(bank: Bank) -> None:
    promise(bank, 24)
    read_claims(bank, 31)
    page = get_page(bank.ana, "data-product", bank.product.slug)
    assert "It breaks 1 of 1 promise." in page
    assert "promised: at most 1 day old, by its newest S3 object" in page
    page = get_page(bank.ana, "data-product-quality", bank.product.slug)
    assert "It breaks 1 of 1 promise." in page
    assert "Older than promised on 1 of 1 known days." in page
    answer = get_answer(bank.ana, f"data-products/{bank.product.slug}")
    assert (answer["state"], answer["source"], answer["promise"]) == ("late", "s3_object", 24)
    assert answer["at"] is not None


def test_a_table_is_compared_with_the_promise_of_its_product(bank: Bank) -> None:
    promise(bank, 24)
    read_claims(bank, 2)
    page = get_page(bank.ana, "table", bank.claims.pk)
    assert "2 hours old, by its newest S3 object" in page
    assert "Promise of Claims" in page
    answer = get_answer(bank.ana, f"tables/{bank.claims.pk}")
    assert (answer["state"], answer["promise"]) == ("not_promised", None)


def test_glues_update_time_is_shown_with_its_doubt(bank: Bank) -> None:
    promise(bank, 24)
    read_claims(bank, 2, FreshnessSource.GLUE_UPDATE)
    page = get_page(bank.ana, "data-product-quality", bank.product.slug)
    assert "Glue's time also changes with the definition" in page.replace("&#x27;", "'")
    assert get_answer(bank.ana, f"data-products/{bank.product.slug}")["state"] == "not_known"


def test_what_aws_refused_is_for_the_owners(bank: Bank) -> None:
    read_claims(bank, None, trouble="User is not authorized to perform s3:ListBucket")
    assert "s3:ListBucket" in get_page(bank.ines, "data-product-quality", bank.product.slug)
    assert "s3:ListBucket" not in get_page(bank.ana, "data-product-quality", bank.product.slug)
