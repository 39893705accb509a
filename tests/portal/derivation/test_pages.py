"""Pages of derived products and of requests to upstream owners."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.derivation.models import DerivationRequest
from catalog.mirror.models import Column
from catalog.products.models import DataProduct
from identity.people.models import Person
from tests.derivation import DerivedBank
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client


def get_page(person: Person, name: str, *arguments: Any) -> str:
    answer = make_client(person).get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def get_status(person: Person, name: str, *arguments: Any) -> int:
    return make_client(person).get(reverse(name, args=arguments)).status_code


def decide(person: Person, request: DerivationRequest, do: str, **said: str) -> Any:
    address = reverse("derivation-request-decide", args=[request.pk])
    return make_client(person).post(address, {"do": do, **said}, follow=True)


@pytest.fixture
def traced(derived: DerivedBank) -> DerivedBank:
    derived.trace_iban()
    derived.save_draft()
    return derived


def test_the_draft_shows_what_is_not_met_and_publishing_says_why(traced: DerivedBank) -> None:
    page = get_page(traced.tom, "data-product-draft", traced.product.slug)
    assert "No column is classified below the data that it is made from" in page
    assert "reserves.iban is public, but made from" in page
    assert reverse("data-product-derivation", args=[traced.product.slug]) in page


def test_one_asks_from_the_page_and_the_owner_agrees_in_the_inbox(traced: DerivedBank) -> None:
    slug = traced.product.slug
    page = get_page(traced.tom, "data-product-derivation", slug)
    assert f'value="{traced.reserves.pk}/iban" checked' in page
    answer = make_client(traced.tom).post(
        reverse("data-product-derivation", args=[slug]), {"reason": "Sums only."}, follow=True
    )
    assert "Sent. The owners of the data are notified." in answer.content.decode()
    request = DerivationRequest.objects.get()
    inbox = get_page(traced.bank.ines, "reviews")
    assert f'href="{reverse("derivation-request", args=[request.pk])}"' in inbox
    assert '<span class="extent small">derivation</span>' in inbox
    assert "Sums only." in get_page(traced.bank.ines, "derivation-request", request.pk)
    day = timezone.localdate() + timedelta(days=30)
    done = decide(traced.bank.ines, request, "approve", comment="Fine.", ends_on=day.isoformat())
    assert "approved it until" in done.content.decode()
    draft = get_page(traced.tom, "data-product-draft", slug)
    assert "but made from" not in draft


def test_a_refused_question_keeps_its_text(traced: DerivedBank) -> None:
    address = reverse("data-product-derivation", args=[traced.product.slug])
    answer = make_client(traced.tom).post(address, {"reason": "", "classification": "private"})
    assert (answer.status_code, DerivationRequest.objects.exists()) == (422, False)
    answer = make_client(traced.tom).post(address, {"reason": "Why not", "columns": "1/none"})
    assert answer.status_code == 422
    assert "Why not" in answer.content.decode()


def test_a_decision_in_another_tab_is_answered_in_place(traced: DerivedBank) -> None:
    (request,) = traced.ask()
    assert decide(traced.bank.ines, request, "reject", comment="").status_code == 422
    decide(traced.bank.ines, request, "reject", comment="No.")
    late = decide(traced.bank.ivo, request, "approve", comment="Yes.")
    assert late.status_code == 422
    assert "It was decided in the meantime." in late.content.decode()
    assert decide(traced.bank.ivo, request, "").status_code == 422


def test_others_see_neither_floors_nor_requests(traced: DerivedBank) -> None:
    (request,) = traced.ask()
    traced.agree(request)
    traced.publish()
    for person in (traced.bank.ana, traced.bank.ines):
        assert get_status(person, "data-product-derivation", traced.product.slug) == 404
    assert get_status(traced.bank.ana, "derivation-request", request.pk) == 404
    assert decide(traced.bank.ana, request, "revoke", comment="x").status_code == 404
    page = get_page(traced.bank.ana, "data-product-lineage", traced.product.slug)
    assert "Made from" in page
    assert "Claims" in page
    assert "below the class" not in page


def test_a_published_product_warns_its_own_people(traced: DerivedBank) -> None:
    Column.objects.filter(table=traced.reserves, name="iban").update(classification="sensitive")
    traced.publish()
    Column.objects.filter(table=traced.reserves, name="iban").update(classification="public")
    assert "reserves.iban is public, but made from" in get_page(
        traced.tom, "data-product", traced.product.slug
    )
    assert "but made from" not in get_page(traced.bank.ana, "data-product", traced.product.slug)


def test_hidden_inputs_are_counted_for_the_products_people_alone(traced: DerivedBank) -> None:
    Column.objects.filter(table=traced.reserves, name="iban").update(classification="sensitive")
    traced.publish()
    DataProduct.objects.filter(pk=traced.bank.product.pk).update(requested_by="domain", seen_by="domain")
    assert "1 more that you may not see" in get_page(traced.tom, "data-product-lineage", traced.product.slug)
    assert "1 input that you may not see" in get_page(
        traced.tom, "data-product-derivation", traced.product.slug
    )
    page = get_page(traced.bank.ana, "data-product-lineage", traced.product.slug)
    assert "that you may not see" not in page
    assert 'id="made-from"' not in page


def test_it_is_asked_approved_and_revoked_over_the_api(traced: DerivedBank) -> None:
    slug = traced.product.slug
    said = read(traced.tom, f"data-products/{slug}/derivation")
    assert [one["data_product"]["name"] for one in said["upstream"]] == ["Claims"]
    assert [(one["name"], one["floor"], one["lacks_approval"]) for one in said["columns"]] == [
        ("reserves.iban", "sensitive", True),
        ("reserves.total", "public", False),
    ]
    made = send(traced.tom, "derivation-requests", {"data_product": slug, "reason": "Sums."})
    assert made.status_code == 201
    address = f"derivation-requests/{made.json()['results'][0]['id']}"
    assert send(traced.bank.sam, f"{address}/approve", {"comment": "x"}).status_code == 404
    assert send(traced.bank.ines, f"{address}/approve", {"comment": "Fine."}).json()["state"] == "approved"
    assert send(traced.bank.ines, f"{address}/approve", {"comment": "Fine."}).status_code == 409
    assert send(traced.bank.ivo, f"{address}/revoke", {"comment": "No."}).json()["state"] == "revoked"
    listed = read(traced.tom, "derivation-requests", state="revoked", data_product=slug)["results"]
    assert [one["columns"][0]["column"] for one in listed] == ["reserves.iban"]


def test_the_api_shows_no_floors_to_others(traced: DerivedBank) -> None:
    Column.objects.filter(table=traced.reserves, name="iban").update(classification="sensitive")
    traced.publish()
    said = read(traced.bank.ana, f"data-products/{traced.product.slug}/derivation")
    assert (said["columns"], said["hidden_data_products"], len(said["upstream"])) == (None, None, 1)
