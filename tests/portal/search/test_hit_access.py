"""Each hit says what the person's teams have of it, what they wait for, and what they can request."""

import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from catalog.products.models import Audience, DataProduct
from fulfilment.intents.models import Intent
from identity.people.models import Membership
from kernel import clock
from portal.search import hit_access
from requests_app.submission.actions import withdraw_item
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.catalog.indexing import index_tables
from tests.catalog.sample_catalog import observe_select
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client
from tests.portal.search.test_export import read_export

REQUEST_LINK = 'href="/access-requests/new/?table={}'


def read_results(client: Client, text: str = "claims") -> str:
    return client.get("/search/", {"q": text}).content.decode()


def search_json(client: Client, **parameters: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/search", {"q": "claims"} | parameters).json()["results"][0]
    return answer


def pick_access(hit: dict[str, Any]) -> tuple[Any, Any, Any]:
    request = hit["access_request"]
    return hit["access_state"], request and request["id"], hit["access_reason"]


def test_what_can_be_requested_leads_to_the_form(bank: Bank) -> None:
    client = make_client(bank.ana)

    page = read_results(client)
    assert REQUEST_LINK.format(bank.claims.pk) in page
    assert client.get(f"/access-requests/new/?table={bank.claims.pk}").status_code == 200
    assert "You have access" not in page
    assert pick_access(search_json(client)) == ("requestable", None, None)


def test_a_waiting_request_is_seen_at_once_by_the_team_and_not_by_others(bank: Bank) -> None:
    client = make_client(bank.ana)
    read_results(client)
    request = submit_bank_request(bank)
    colleague = factories.make_person("Cem Ay")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [colleague])

    for person in (client, make_client(colleague)):
        page = read_results(person)
        assert "Waiting for review" in page
        assert f'href="/access-requests/{request.pk}/"' in page
        assert "Request access" not in page
        assert pick_access(search_json(person)) == ("waiting_for_review", str(request.pk), None)
    for stranger in (bank.sam, bank.ines):
        assert f"/access-requests/{request.pk}/" not in read_results(make_client(stranger))


def test_an_approved_request_is_applied_and_then_active(bank: Bank) -> None:
    client = make_client(bank.ana)
    item = submit_bank_item(bank)
    grant = approve(bank, item)
    assert pick_access(search_json(client))[:2] == ("applying", str(item.request_id))
    assert "Applying" in read_results(client)

    observe_select(bank.claims, bank.role.arn)
    page = read_results(client)
    assert f"Active until {date_format(item.ends_at, 'j M Y')}" in page
    assert "Applying" not in page
    assert "Query it" not in page
    assert pick_access(search_json(client)) == ("active", None, None)

    write_presence(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
    )
    assert f'href="{reverse("grant-query", args=[grant.pk])}"' in read_results(client)


def test_who_has_access_sees_what_else_waits(bank: Bank) -> None:
    observe_select(bank.claims, bank.role.arn)
    request = submit_bank_request(bank)
    client = make_client(bank.ana)

    page = read_results(client)
    assert "You have access" in page
    assert f'href="/access-requests/{request.pk}/"' in page
    assert pick_access(search_json(client))[:2] == ("active", str(request.pk))


def test_what_cannot_be_requested_says_why(bank: Bank) -> None:
    no_role = "Your teams have no role yet that could receive access."
    stranger = make_client(bank.sam)
    assert no_role in read_results(stranger)
    assert pick_access(search_json(stranger)) == ("not_requestable", None, no_role)

    DataProduct.objects.get(pk=bank.product.pk).product_tables.all().delete()
    no_tables = "This data product has no tables yet."
    client = make_client(bank.ana)
    page = read_results(client)
    assert no_tables in page
    assert pick_access(search_json(client, type="product")) == ("not_requestable", None, no_tables)


def test_what_is_for_others_to_request_says_for_whom(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(requested_by=Audience.DOMAIN)
    reason = f"Only people in {bank.product.domain.owner_team} can request {bank.product.name}."
    client = make_client(bank.ana)
    assert reason in html.unescape(read_results(client))
    assert pick_access(search_json(client, type="product")) == ("not_requestable", None, reason)


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as caught:
        read_results(client)
    return len(caught)


def test_a_table_of_no_domain_cannot_be_requested(bank: Bank) -> None:
    loose = factories.make_table(factories.make_database(bank.catalog, None, "bare"), "loose")
    index_tables([loose.pk])
    client = make_client(bank.ana)

    assert REQUEST_LINK.format(loose.pk) not in read_results(client, "loose")
    state, _request, reason = pick_access(search_json(client, q="loose"))
    assert state == "not_requestable"
    assert "belongs to no domain yet" in reason


def test_the_states_of_all_hits_cost_one_query_and_who_decides_on_a_request_three_more(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(bank.ana)
    request = submit_bank_request(bank)
    tables = [factories.make_table(bank.claims.database, f"claims_{number}") for number in range(5)]
    index_tables([table.pk for table in tables])
    assert read_results(client).count("Request access") == 5

    several = count_queries(client)
    monkeypatch.setattr(hit_access, "find_own_requests", lambda _person, _tables: {})
    assert count_queries(client) == several - 4
    monkeypatch.undo()
    withdraw_item(acting_user=bank.ana, item_id=request.items.get().pk, now=clock.now())
    read_results(client)
    assert count_queries(client) == several - 3


def test_a_file_has_the_state_of_each_row(bank: Bank) -> None:
    submit_bank_request(bank)

    header, row = read_export(make_client(bank.ana), "/api/v1/search?format=csv").splitlines()
    values = dict(zip(header.split(","), row.split(","), strict=True))
    assert values["access_state"] == "waiting_for_review"
