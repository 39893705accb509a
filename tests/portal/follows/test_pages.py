"""Follow and unfollow on the pages of products, domains and saved searches, and over the API."""

from typing import Any

from django.urls import reverse

from catalog.follows import Follow
from catalog.search.models import SavedSearch
from catalog.search.saved_searches import save_search
from identity.people.models import Person
from kernel import clock
from tests.bank import Bank
from tests.discussion import hide
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client


def post(person: Person, name: str, argument: Any, **said: str) -> str:
    answer = make_client(person).post(reverse(name, args=[argument]), said, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def get_follows_page(person: Person) -> str:
    return make_client(person).get(reverse("follows")).content.decode()


def test_products_and_domains_are_followed_from_their_pages(bank: Bank) -> None:
    assert "You follow nothing yet" in get_follows_page(bank.ana)
    assert "You follow Claims." in post(bank.ana, "data-product-follow", bank.product.slug, do="follow")
    assert "You follow Insurance." in post(bank.ana, "domain-follow", bank.domain.slug, do="follow")
    page = get_follows_page(bank.ana)
    assert reverse("data-product", args=[bank.product.slug]) in page
    assert reverse("domain", args=[bank.domain.slug]) in page
    back = {"do": "unfollow", "next": reverse("follows")}
    post(bank.ana, "data-product-follow", bank.product.slug, **back)
    assert "You follow nothing yet" in post(bank.ana, "domain-follow", bank.domain.slug, **back)
    assert not Follow.objects.exists()


def test_a_saved_search_is_followed_by_its_alert(bank: Bank) -> None:
    saved = save_search(acting_user=bank.ana, name="Gold", querystring="tier=gold", now=clock.now())
    post(bank.ana, "saved-search-follow", saved.pk, do="follow")
    assert SavedSearch.objects.get().alert == SavedSearch.Alert.AT_ONCE
    assert reverse("saved-search", args=[saved.pk]) in get_follows_page(bank.ana)
    SavedSearch.objects.update(alert=SavedSearch.Alert.WEEKLY)
    post(bank.ana, "saved-search-follow", saved.pk, do="follow")
    assert SavedSearch.objects.get().alert == SavedSearch.Alert.WEEKLY
    post(bank.ana, "saved-search-follow", saved.pk, do="unfollow")
    assert SavedSearch.objects.get().alert == SavedSearch.Alert.NONE


def test_the_button_counts_followers(bank: Bank) -> None:
    post(bank.sam, "data-product-follow", bank.product.slug, do="follow")
    page = make_client(bank.ana).get(reverse("data-product", args=[bank.product.slug])).content.decode()
    assert ('value="follow"' in page, '<span class="muted num" aria-hidden="true">1</span>' in page) == (
        True,
        True,
    )


def test_a_hidden_product_can_not_be_followed(bank: Bank) -> None:
    hide(bank)
    address = reverse("data-product-follow", args=[bank.product.slug])
    assert make_client(bank.ana).post(address, {"do": "follow"}).status_code == 404


def test_the_api_follows_and_unfollows(bank: Bank) -> None:
    made = send(bank.ana, "follows", {"data_product": bank.product.slug})
    assert made.status_code == 201
    assert send(bank.ana, "follows", {"data_product": bank.product.slug}).json()["id"] == made.json()["id"]
    assert send(bank.ana, "follows", {"domain": bank.domain.slug}).json()["data_product"] is None
    assert len(read(bank.ana, "follows")["results"]) == 2
    assert len(read(bank.ana, "follows", domain=bank.domain.slug)["results"]) == 1
    address = f"/api/v1/follows/{made.json()['id']}"
    assert make_client(bank.sam).delete(address).status_code == 404
    assert make_client(bank.ana).delete(address).status_code == 204
    assert make_client(bank.ana).get(address).status_code == 404


def test_the_api_follows_one_thing_at_a_time(bank: Bank) -> None:
    both = {"data_product": bank.product.slug, "domain": bank.domain.slug}
    for body in ({}, both):
        answer = send(bank.ana, "follows", body)
        assert (answer.status_code, place_of(answer)) == (422, "#/data_product")
    for body in ({"data_product": "no-such"}, {"domain": "no-such"}):
        assert send(bank.ana, "follows", body).status_code == 404
