"""Sync runs over the API."""

from django.test import Client

from catalog.sync.models import SyncRun
from kernel import clock
from tests.bank import Bank
from tests.portal.api.calls import read, send


def test_a_governance_admin_asks_for_a_reading_others_do_not_find_it(client: Client, bank: Bank) -> None:
    body = {"catalog": bank.catalog.short_name}
    for person in (bank.ana, bank.sam):
        client.force_login(person)
        assert client.post("/api/v1/sync-runs", body, content_type="application/json").status_code == 404
        assert client.get("/api/v1/sync-runs").status_code == 404
    assert not SyncRun.objects.exists()
    client.force_login(bank.greta)
    answer = client.post("/api/v1/sync-runs", body, content_type="application/json")
    assert (answer.status_code, answer.json()["started_at"]) == (202, None)
    assert (answer["Location"], answer["Retry-After"]) == (answer.json()["url"], "5")
    assert (answer.json()["state"], answer.json()["state_reason"]) == ("applying", "queued")
    again = client.post("/api/v1/sync-runs", body, content_type="application/json").json()
    assert again == {**answer.json(), "created_at": again["created_at"]}
    assert again["created_at"] > answer.json()["created_at"]
    assert client.get(again["url"]).json() == again
    assert client.get("/api/v1/sync-runs").json()["results"] == [again]
    none = client.post("/api/v1/sync-runs", {"catalog": "none"}, content_type="application/json")
    assert none.status_code == 404


def test_a_paused_run_is_resumed_or_cancelled(bank: Bank) -> None:
    runs = [
        SyncRun.objects.create(
            catalog=bank.catalog,
            requested_by=bank.greta,
            requested_at=clock.now(),
            started_at=clock.now(),
            outcome=SyncRun.Outcome.PAUSED,
        )
        for _number in range(2)
    ]
    assert read(bank.greta, f"sync-runs/{runs[0].pk}")["state_reason"] == "many_tables_missing"
    assert send(bank.ana, f"sync-runs/{runs[0].pk}/cancel").status_code == 404
    assert send(bank.greta, f"sync-runs/{runs[0].pk}/cancel").json()["state_reason"] == "cancelled"
    resumed = send(bank.greta, f"sync-runs/{runs[1].pk}/resume")
    assert (resumed.status_code, resumed.json()["id"] != str(runs[1].pk)) == (202, True)
