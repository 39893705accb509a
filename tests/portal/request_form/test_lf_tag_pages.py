"""From a search by tags to the request: what carries them is on the page; the owner sees it before the yes."""

import pytest
from django.urls import reverse

from requests_app.access_requests.models import AccessRequest
from tests import factories
from tests.bank import Bank, approve
from tests.portal.api.calls import draft, read, send
from tests.portal.conftest import make_client
from tests.requests_app.lf_tags_request import assign_tags, submit_by_lf_tags


@pytest.fixture
def tagged(bank: Bank) -> Bank:
    assign_tags(bank.claims, {"tier": "gold"}, iban={"tier": "raw"})
    return bank


ADDRESS = "/access-requests/new/?tag=tier%3Dgold"


def test_a_search_by_tags_leads_to_the_page(tagged: Bank) -> None:
    page = make_client(tagged.ana).get(reverse("search"), {"tag": "tier=gold"}).content.decode()
    assert f'href="{ADDRESS}"' in page
    typed = make_client(tagged.ana).get(reverse("search"), {"q": "tag:tier=gold"}).content.decode()
    assert f'href="{ADDRESS}"' in typed


def test_what_carries_the_tags_is_shown_and_asked_for(tagged: Bank) -> None:
    ana = make_client(tagged.ana)
    page = ana.get(ADDRESS)
    assert "insurance_gold.claims" in page.content.decode()
    said = {
        "purpose": "Quarterly reserve report",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
        "principal": tagged.role.pk,
        "idempotency_key": "form-1",
    }
    stale = ana.post(ADDRESS, said | {"members_hash": "0" * 64})
    assert (stale.status_code, AccessRequest.objects.count()) == (422, 0)
    done = ana.post(ADDRESS, said | {"members_hash": page.context["target"].members_hash})
    asked = AccessRequest.objects.get()
    assert done["Location"] == reverse("access-request", args=[asked.pk])
    assert asked.items.get().tags == {"tier": ["gold"]}


@pytest.mark.parametrize(
    "address",
    ["/access-requests/new/", "/access-requests/new/?tag=tier", "/access-requests/new/?tag=tier%3Dbronze"],
)
def test_where_nothing_carries_them_the_page_says_so(tagged: Bank, address: str) -> None:
    assert make_client(tagged.ana).get(address).status_code == 200


def test_it_is_told_by_its_tags_wherever_it_stands(tagged: Bank) -> None:
    item = submit_by_lf_tags(tagged)
    ana, ines = make_client(tagged.ana), make_client(tagged.ines)
    waiting = [reverse("reviews"), reverse("review", args=[item.pk])]
    for client, address in [
        *((ines, one) for one in waiting),
        (ana, reverse("access-request", args=[item.request_id])),
    ]:
        assert "tier=gold" in client.get(address).content.decode(), address
    review = ines.get(waiting[1]).content.decode()
    assert "opens insurance_gold.claims: 2 of 3 columns" in review
    assert "insurance_gold.claims.iban" in review
    grant = approve(tagged, item)
    places = [reverse("grants"), reverse("grant-revoke", args=[grant.pk]), reverse("access-requests")]
    for address in places:
        page = ana.get(address).content.decode()
        assert "tier=gold" in page, address
        assert "?extends=" not in page, address


def test_the_api_tells_the_reach_and_takes_the_ask(tagged: Bank) -> None:
    ana = make_client(tagged.ana)
    catalog = tagged.catalog.short_name
    seen = read(ana, f"catalogs/{catalog}/tag-matches", tag="tier:gold")
    assert [(one["table"]["name"], one["columns"], one["closed_columns"]) for one in seen["results"]] == [
        ("claims", ["claim_id", "amount"], ["iban"])
    ]
    target = {
        "kind": "tags", "catalog": catalog, "tags": {"tier": ["gold"]}, "members_hash": seen["members_hash"]
    }  # fmt: skip
    body = draft(tagged, items=[{"target": target}])
    assert send(ana, "access-requests/preview", body).json()["items"][0]["item"] == 0
    made = send(ana, "access-requests", body)
    shown = made.json()["items"][0]["target"]
    assert (made.status_code, shown["kind"], shown["tags"]) == (201, "tags", {"tier": ["gold"]})
    assert ana.get("/api/v1/catalogs/nowhere/tag-matches?tag=tier:gold").status_code == 404
    assert ana.get(f"/api/v1/catalogs/{catalog}/tag-matches?tag=tier").status_code == 400
