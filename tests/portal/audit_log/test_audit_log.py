"""The audit log, as page and over the API: for auditors and governance admins, page by page, and never to change."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.actions import record_event, seal_pending
from audit.models import Event
from identity.people.models import Person, PlatformRole
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client

PAGE, API = reverse("audit-log"), reverse("api-audit-events")


@pytest.fixture
def auditor(bank: Bank) -> Client:
    person = factories.make_person("Viktor Audit")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=PlatformRole.Role.AUDITOR)
    return make_client(person)


def seal() -> None:
    with as_role("meshmarket_sealer"):
        seal_pending()


def record_events(bank: Bank, number: int) -> None:
    with as_role("meshmarket_worker"):
        for one in range(number):
            record_event(
                verb="proved_present",
                actor="engine:w1",
                subject=f"item:{one}",
                data={},
                now=factories.days_from_now(-one),
            )


def get_events(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{API}?{query}")
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize(("name", "status"), [("ana", 404), ("ines", 404), ("sam", 404), ("greta", 200)])
def test_it_is_closed_to_all_but_those_who_read_everything(bank: Bank, name: str, status: int) -> None:
    person: Person = getattr(bank, name)
    client = make_client(person)
    assert [client.get(address).status_code for address in (PAGE, API)] == [status, status]
    assert (PAGE in client.get(reverse("permissions"), follow=True).content.decode()) is (status == 200)


def test_an_auditor_reads_who_did_what_with_its_link_in_the_chain(bank: Bank, auditor: Client) -> None:
    grant = approve(bank, submit_bank_item(bank))
    page = auditor.get(PAGE).content.decode()
    assert "Ines Roth" in page
    assert "approve item" in page
    about = re.findall(rf'<a href="{reverse("review", args=[grant.item_id])}"[^>]*>([^<]+)</a>', page)
    assert f"{bank.product.name} for {grant.principal.name}" in about
    assert f">item:{grant.item_id}<" not in page.partition("<details")[0]
    assert "not yet" in page
    (event,) = get_events(auditor, "verb=approve_item")["results"]
    assert event["person"] == {"id": str(bank.ines.pk), "name": "Ines Roth", "url": None}
    assert event["details"]["effects_hash"] == grant.effects_hash
    assert event["seal"] is None
    seal()
    (event,) = get_events(auditor, "verb=approve_item")["results"]
    assert event["seal"]["hash"] == Event.objects.get(pk=event["id"]).seal.hash


def test_filters_stand_in_the_address(bank: Bank, auditor: Client) -> None:
    approve(bank, submit_bank_item(bank))
    record_events(bank, 3)
    for query in (
        "who=ines",
        f"who={bank.ines.email.upper()}",
        f"who=person:{bank.ines.pk}",
        "verb=approve item",
    ):
        assert {row.event.verb for row in auditor.get(f"{PAGE}?{query}").context["rows"]} == {
            "approve_item"
        }, query
    assert [row["subject"] for row in get_events(auditor, "subject=item:2&who=engine:w1")["results"]] == [
        "item:2"
    ]
    day = f"{factories.days_from_now(-1):%Y-%m-%d}"
    within = get_events(auditor, f"occurred_after={day}&occurred_before={day}")["results"]
    assert [row["subject"] for row in within] == ["item:1"], "a day means until its end"


@pytest.mark.parametrize("query", ["since=yesterday", "before=x", "before=0", "until=2026-13-01"])
def test_what_cannot_be_read_is_said(auditor: Client, query: str) -> None:
    assert auditor.get(f"{PAGE}?{query}").status_code == 422
    assert auditor.get(f"{API}?{query}").status_code == 400


def test_pages_go_on_where_the_last_one_ended(bank: Bank, auditor: Client) -> None:
    record_events(bank, 120)
    seen, address = [], f"{PAGE}?verb=proved_present"
    for _ in range(3):
        page = auditor.get(address).context
        seen += [row.event.pk for row in page["rows"]]
        record_events(bank, 1)  # What comes meanwhile shifts nothing.
        address = f"{PAGE}{page['listed'].older_url}"
    assert page["listed"].older_url == ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)


def test_the_chain_is_read_from_its_beginning_without_a_gap(bank: Bank, auditor: Client) -> None:
    record_events(bank, 25)
    seal()
    seqs: list[int] = []
    page = get_events(auditor, "after_seal=0&limit=10")
    while page:
        seqs += [row["seal"]["sequence"] for row in page["results"]]
        page = auditor.get(page["next"]).json() if page["next"] else {}
    assert seqs == list(range(1, Event.objects.count() + 1))
    assert auditor.get(f"{API}?after_seal=x").status_code == 400


def test_nothing_of_it_can_be_changed(bank: Bank, auditor: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert [getattr(auditor, method)(address).status_code for address in (PAGE, API)] == [405, 405]


def test_a_page_of_it_takes_a_fixed_number_of_queries(
    bank: Bank, auditor: Client, django_assert_max_num_queries: Any
) -> None:
    record_events(bank, 60)
    with django_assert_max_num_queries(4):
        get_events(auditor, "limit=50")
