"""Runs that read the catalogs, over the API."""

from django.test import Client

from catalog.sync.models import SyncRun
from tests.bank import Bank


def test_a_governance_admin_asks_for_a_reading_others_do_not_find_it(client: Client, bank: Bank) -> None:
    body = {"catalog": bank.catalog.short_name}
    for person in (bank.ana, bank.sam):
        client.force_login(person)
        assert client.post("/api/syncs/", body, content_type="application/json").status_code == 404
        assert client.get("/api/syncs/").status_code == 404
    assert not SyncRun.objects.exists()
    client.force_login(bank.greta)
    answer = client.post("/api/syncs/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["started_at"]) == (202, None)
    again = client.post("/api/syncs/", body, content_type="application/json").json()
    assert again == {**answer.json(), "requested_at": again["requested_at"]}
    assert again["requested_at"] > answer.json()["requested_at"]
    assert client.get("/api/syncs/").json()["results"] == [again]
    none = client.post("/api/syncs/", {"catalog": "none"}, content_type="application/json")
    assert none.status_code == 404
