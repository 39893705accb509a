"""Tables that were created again, on their page and over the API; and grants that give nothing, in the inbox."""

from django.urls import reverse

from fulfilment.intents.models import Intent
from portal.inbox.other_decisions import list_other_decisions
from requests_app.grants.models import Grant
from requests_app.notifications.models import Notification
from tests import factories
from tests.bank import Bank
from tests.engine_readings import write_presence
from tests.html import list_inbox_rows, squeeze
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client
from tests.recreated_tables import grant_claims, make_stale, open_one, recreate
from tests.registrations import make_producer
from tests.requests_app.notifications.projection import project_all_events
from tests.write_access import approve_writing, ask_to_write


def test_a_data_owner_finds_it_in_the_inbox_and_keeps_the_grants(bank: Bank) -> None:
    grant = grant_claims(bank)
    make_stale(bank, grant)
    recreate(bank.claims, data_format="parquet", created_by="arn:aws:sts::123456789012:assumed-role/dbt/run")
    row = open_one()
    client, address = make_client(bank.ivo), reverse("recreated-table", args=[row.pk])
    inbox = client.get(reverse("reviews")).content.decode()
    assert list_inbox_rows(inbox) == [(address, str(row), "recreated table")]
    page = client.get(address).content.decode()
    for text in ("assumed-role/dbt/run", "Format changed", "Keep 1 grant<", "End 1 grant<"):
        assert text in squeeze(page)
    shown = page.partition('name="effects_hash" value="')[2][:64]
    decide = reverse("recreated-table-decide", args=[row.pk])
    refused = client.post(decide, {"do": "approve", "effects_hash": "0" * 64})
    assert (refused.status_code, "has changed since you opened" in refused.content.decode()) == (422, True)
    assert client.post(decide, {"do": "end", "comment": ""}).status_code == 422
    done = client.post(decide, {"do": "approve", "effects_hash": shown}, follow=True).content.decode()
    assert "Kept. The workers grant the access again" in done
    assert "By " in done
    assert (
        reverse("recreated-table", args=[row.pk]) in client.get(reverse("recreated-tables")).content.decode()
    )
    assert list_other_decisions(bank.ivo) == []
    project_all_events()
    assert Notification.objects.filter(
        person=bank.ines, text__contains="was deleted and created again"
    ).exists()


def test_the_api_shows_what_differs_keeps_and_ends(bank: Bank) -> None:
    grant = grant_claims(bank)
    recreate(bank.claims, ("claim_id", "iban"))
    row = open_one()
    said = read(bank.ivo, f"recreated-tables/{row.pk}")
    assert (said["state"], said["created_by"], said["differences"][0]["name"]) == ("open", None, "amount")
    assert [one["obstacles"] for one in said["grants"]] == [["Columns that the grant names differ: amount."]]
    hashed = {"effects_hash": said["effects_hash"]}
    assert send(bank.ivo, f"recreated-tables/{row.pk}/approve", hashed).status_code == 422
    assert send(bank.ana, f"recreated-tables/{row.pk}/approve", hashed).status_code == 404
    assert send(bank.greta, f"recreated-tables/{row.pk}/approve", hashed).status_code == 403
    ended = send(bank.ivo, f"recreated-tables/{row.pk}/end", {"reason": "It lost the amount."})
    assert (ended.status_code, ended.json()["state"], ended.json()["effects_hash"]) == (200, "ended", None)
    assert send(bank.ivo, f"recreated-tables/{row.pk}/end", {"reason": "Again."}).status_code == 409
    assert Grant.objects.get(pk=grant.pk).end_reason == "It lost the amount."
    assert [one["id"] for one in read(bank.greta, "recreated-tables?state=ended")["results"]] == [str(row.pk)]


def test_request_grant_and_inbox_say_the_same_about_who_acts_next(bank: Bank) -> None:
    grant = grant_claims(bank)
    make_stale(bank, grant, f"{bank.role.arn} was created again after the approval")
    client = make_client(bank.ana)
    proof = reverse("grant-proof", args=[grant.pk])
    inbox = client.get(reverse("reviews")).content.decode()
    assert list_inbox_rows(inbox) == [(proof, f"{grant.item.name} gives nothing any more", "lost access")]
    sentence = "Ana Keller requests access for the new role, or ends this grant."
    for address in (proof, reverse("access-request", args=[grant.item.request_id])):
        assert sentence in client.get(address).content.decode()
    assert sentence in str(read(bank.ana, f"grants/{grant.pk}"))
    assert list_other_decisions(bank.ivo) == []


def test_stale_write_access_is_in_the_inbox_of_who_can_ask_again(bank: Bank) -> None:
    account = factories.make_account(bank.insurance, name="Insurance", is_consumer=False)
    make_producer(account, bank.domain)
    row = approve_writing(
        bank.ivo, ask_to_write(bank.ines, bank.claims, factories.make_principal(account, "dbt"))
    )
    assert row.intent is not None
    reason = "table insurance_gold.claims was created again after the approval"
    write_presence(row.intent, Intent.Presence.STALE, catalog=bank.catalog, consumer=account, failure=reason)
    address = reverse("write-request", args=[row.pk])
    for person in (bank.ines, bank.ivo):
        inbox = make_client(person).get(reverse("reviews")).content.decode()
        assert list_inbox_rows(inbox) == [
            (address, "insurance_gold.claims can't be written any more", "lost write access")
        ]
        assert [one.url for one in list_other_decisions(person)] == [address]
    assert list_other_decisions(bank.ana) == []
