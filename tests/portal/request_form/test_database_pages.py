"""From a table's form to its whole database: what is in it is on the page; the owner sees it before the yes."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from requests_app.access_requests.models import AccessRequest
from tests import factories
from tests.bank import Bank, approve
from tests.offers import publish_draft
from tests.portal.api.calls import draft, read, send
from tests.portal.conftest import make_client
from tests.requests_app.database_request import submit_for_bank_database


@pytest.fixture
def address(bank: Bank) -> str:
    factories.make_table(bank.claims.database, "policies")
    return f"{reverse('access-request-new')}?database={bank.claims.database_id}"


def build_form(bank: Bank, later: str) -> dict[str, object]:
    return {
        "purpose": "Quarterly reserve report",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
        "principal": bank.role.pk,
        "idempotency_key": "form-1",
        "later": later,
    }


def test_a_tables_form_leads_to_its_database(bank: Bank, address: str) -> None:
    page = (
        make_client(bank.ana).get(f"{reverse('access-request-new')}?table={bank.claims.pk}").content.decode()
    )
    assert f'href="{address}"' in page


@pytest.mark.parametrize(("later", "items"), [("nothing", 2), ("columns", 2), ("tables", 1)])
def test_what_is_in_it_is_shown_and_asked_for(bank: Bank, address: str, later: str, items: int) -> None:
    ana = make_client(bank.ana)
    page = ana.get(address)
    assert "insurance_gold.policies" in page.content.decode()
    stale = ana.post(address, build_form(bank, later) | {"members_hash": "0" * 64})
    assert (stale.status_code, AccessRequest.objects.count()) == (422, 0)
    done = ana.post(address, build_form(bank, later) | {"members_hash": page.context["target"].members_hash})
    asked = AccessRequest.objects.get()
    assert done["Location"] == reverse("access-request", args=[asked.pk])
    assert asked.items.count() == items


def test_where_the_catalog_holds_what_comes_later_the_page_says_so(bank: Bank, address: str) -> None:
    bank.catalog.holds_new_columns = True
    bank.catalog.save()
    ana = make_client(bank.ana)
    page = ana.get(address)
    assert "AWS would open them at once" in page.content.decode()
    told = ana.post(
        address, build_form(bank, "tables") | {"members_hash": page.context["target"].members_hash}
    )
    assert (told.status_code, AccessRequest.objects.count()) == (422, 0)


def test_who_sees_none_of_its_tables_finds_no_database(bank: Bank) -> None:
    empty = factories.make_database(bank.catalog, bank.domain, "empty")
    assert (
        make_client(bank.ana).get(f"{reverse('access-request-new')}?database={empty.pk}").status_code == 404
    )


def test_it_is_told_by_its_database_wherever_it_stands(bank: Bank, address: str) -> None:
    item = submit_for_bank_database(bank).items.get()
    ana, ines = make_client(bank.ana), make_client(bank.ines)
    waiting = [reverse("reviews"), reverse("review", args=[item.pk])]
    for client, one in [
        *((ines, one) for one in waiting),
        (ana, reverse("access-request", args=[item.request_id])),
    ]:
        page = client.get(one).content.decode()
        assert "all tables of insurance_gold" in page, one
        assert "Columns of insurance_gold.claims" not in page, one
    assert "opens insurance_gold.policies: 3 of 3 columns" in ines.get(waiting[1]).content.decode()
    grant = approve(bank, item)
    for one in [reverse("grants"), reverse("grant-revoke", args=[grant.pk]), reverse("access-requests")]:
        page = ana.get(one).content.decode()
        assert "all tables of insurance_gold" in page, one
        assert "?extends=" not in page, one


def test_an_offer_of_a_database_with_columns_yet_to_come_is_asked_for_whole(bank: Bank, address: str) -> None:
    offer = publish_draft(
        bank, scope="database", tables=(), database=bank.claims.database_id, terms="", future_columns=True,
        highest_class="sensitive",
    )  # fmt: skip
    ana = make_client(bank.ana)
    under = f"{address}&offer={offer.pk}"
    product = ana.get(reverse("data-product", args=[bank.product.slug])).content.decode()
    assert f'href="{escape(under)}"' in product
    page = ana.get(under)
    ana.post(
        under,
        build_form(bank, "tables") | {"members_hash": page.context["target"].members_hash, "use": "query"},
    )
    item = AccessRequest.objects.get().items.get()
    assert (item.whole_database, item.offer) == (True, offer)


def test_the_api_tells_what_is_in_it_and_takes_the_ask(bank: Bank, address: str) -> None:
    ana = make_client(bank.ana)
    where = {"catalog": bank.catalog.short_name, "name": "insurance_gold"}
    (database,) = read(ana, "databases", **where)["results"]
    seen = read(ana, f"databases/{database['id']}/members")
    assert [one["table"]["name"] for one in seen["results"]] == ["claims", "policies"]
    target = {"kind": "database", "database": database["id"], "members_hash": "0" * 64}
    body = draft(bank, items=[{"target": target, "future_access": "tables"}])
    stale = send(ana, "access-requests", body)
    assert (stale.status_code, stale.json()["members_hash"]) == (409, seen["members_hash"])
    target["members_hash"] = seen["members_hash"]
    (previewed,) = send(ana, "access-requests/preview", body).json()["items"]
    assert not previewed["is_refused"]
    made = send(ana, "access-requests", body)
    shown = made.json()["items"][0]["target"]
    assert (made.status_code, shown["kind"], shown["database"]) == (201, "database", {
        "id": database["id"], "name": "insurance_gold", "url": database["url"],
    })  # fmt: skip
    assert read(ana, "databases", **(where | {"name": "nowhere"}))["results"] == []
    assert ana.get("/api/v1/databases/0/members").status_code == 404
