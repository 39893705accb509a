"""The page and the API of a saved search with its alert; nobody but its person finds it."""

import pytest

from catalog.search.alerts import check_alert
from catalog.search.models import SavedSearch, SavedSearchHit
from kernel import clock
from requests_app.notifications.models import Notification
from tests import factories
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.database import as_role
from tests.portal.api.calls import patch, read, send
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events


@pytest.fixture
def kept(bank: Bank) -> SavedSearch:
    said = {"name": "Mine", "search": "q=claims", "alert": "at_once"}
    make_client(bank.ana).post("/saved-searches/new/", said)
    saved = SavedSearch.objects.get()
    check(saved)
    return saved


def check(saved: SavedSearch) -> None:
    SavedSearch.objects.filter(pk=saved.pk).update(due_at=clock.now())
    with as_role("meshmarket_worker"):
        assert check_alert(search_id=saved.pk, now=clock.now())


def add_result(bank: Bank, saved: SavedSearch) -> None:
    index_tables([factories.make_table(bank.claims.database, "claims_archive", ["claim_id"]).pk])
    check(saved)


def test_new_results_are_notified_counted_and_listed(bank: Bank, kept: SavedSearch) -> None:
    add_result(bank, kept)
    project_all_events()
    told = Notification.objects.get(person=bank.ana, channel="portal")
    assert told.text == "New results of your saved search “Mine”: 1."
    ana = make_client(bank.ana)
    assert '<span class="count">1' in ana.get("/saved-searches/").content.decode()
    opened = ana.get(f"/notifications/{told.pk}/", follow=True)
    assert opened.request["PATH_INFO"] == f"/saved-searches/{kept.pk}/"
    assert "claims_archive" in opened.content.decode()
    assert not SavedSearchHit.objects.filter(is_new=True).exists()


def test_its_name_and_alert_are_changed_on_its_page(bank: Bank, kept: SavedSearch) -> None:
    address = f"/saved-searches/{kept.pk}/"
    answer = make_client(bank.ana).post(address, {"name": "Renamed", "alert": "weekly"}, follow=True)
    kept.refresh_from_db()
    assert (kept.name, kept.alert) == ("Renamed", "weekly")
    assert "Renamed is saved." in answer.content.decode()


def test_an_empty_name_is_refused_in_place(bank: Bank, kept: SavedSearch) -> None:
    answer = make_client(bank.ana).post(f"/saved-searches/{kept.pk}/", {"name": " ", "alert": "weekly"})
    assert answer.status_code == 422
    assert "Give the search a name" in answer.content.decode()


def test_an_alert_that_does_not_exist_is_none(bank: Bank, kept: SavedSearch) -> None:
    make_client(bank.ana).post(f"/saved-searches/{kept.pk}/", {"name": "Mine", "alert": "hourly"})
    kept.refresh_from_db()
    assert (kept.alert, kept.due_at) == ("none", None)


def test_others_find_no_such_search(bank: Bank, kept: SavedSearch) -> None:
    for client in (make_client(bank.ines), make_client(bank.greta)):
        assert client.get(f"/saved-searches/{kept.pk}/").status_code == 404
        assert client.post(f"/saved-searches/{kept.pk}/", {"name": "Theirs"}).status_code == 404
        assert client.get(f"/api/v1/saved-searches/{kept.pk}").status_code == 404


def test_the_api_saves_changes_and_deletes(bank: Bank) -> None:
    made = send(bank.ana, "saved-searches", {"name": "Mine", "query": "q=claims", "alert": "daily"}).json()
    address = f"saved-searches/{made['id']}"
    assert (made["alert"], made["new_count"], made["problems"]) == ("daily", 0, [])
    assert patch(bank.ana, address, {"alert": "none"}).json()["alert"] == "none"
    assert [row["name"] for row in read(bank.ana, "saved-searches")["results"]] == ["Mine"]
    assert make_client(bank.ana).delete(f"/api/v1/{address}").status_code == 204
    assert read(bank.ana, "saved-searches")["results"] == []


def test_the_api_refuses_an_unknown_alert(bank: Bank, kept: SavedSearch) -> None:
    assert patch(bank.ana, f"saved-searches/{kept.pk}", {"alert": "hourly"}).status_code == 400


def test_the_api_resets_the_count_of_new_results(bank: Bank, kept: SavedSearch) -> None:
    add_result(bank, kept)
    address = f"saved-searches/{kept.pk}"
    assert read(bank.ana, address)["new_count"] == 1
    assert send(bank.ana, f"{address}/mark-opened").json()["new_count"] == 0
