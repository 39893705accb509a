"""Lists: pages under signed cursors, filters, order, members, and the same rows as files."""

import csv
import json
from typing import Any

import pytest
from django.test import Client

from requests_app.access_requests.models import AccessRequest
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.portal.api.calls import place_of, read
from tests.portal.conftest import make_client


@pytest.fixture
def ana(bank: Bank) -> Client:
    for number in range(5):
        submit_bank_request(bank, idempotency_key=f"form-{number}")
    return make_client(bank.ana)


def ids(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["results"]]


def all_ids() -> list[str]:
    return [str(pk) for pk in AccessRequest.objects.order_by("-pk").values_list("pk", flat=True)]


def test_pages_lead_to_each_other(ana: Client, bank: Bank) -> None:
    expected = all_ids()
    first = ana.get("/api/v1/access-requests?limit=2")
    assert (ids(first.json()), first.json()["previous"]) == (expected[:2], None)
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    submit_bank_request(bank, idempotency_key="meanwhile")
    second = ana.get(first.json()["next"]).json()
    assert ids(second) == expected[2:4]
    last = ana.get(second["next"]).json()
    assert (ids(last), last["next"]) == (expected[4:], None)
    assert ids(ana.get(last["previous"]).json()) == expected[2:4]


def test_a_cursor_is_of_one_list_one_person_and_one_filter(ana: Client, bank: Bank) -> None:
    cursor = read(ana, "access-requests", limit=2)["next"].partition("cursor=")[2]
    for address in (
        f"grants?cursor={cursor}", f"access-requests?team={bank.bi.slug}&cursor={cursor}",
        "access-requests?cursor=forged", f"access-requests?sort=id&cursor={cursor}",
    ):  # fmt: skip
        answer = ana.get(f"/api/v1/{address}")
        assert (answer.status_code, place_of(answer)) == (400, "cursor"), address
    assert make_client(bank.ines).get(f"/api/v1/access-requests?cursor={cursor}").status_code == 400


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "sort=purpose", "fields=nothing", "format=xml"]
)
def test_a_parameter_that_makes_no_sense_is_named(ana: Client, query: str) -> None:
    answer = ana.get(f"/api/v1/access-requests?{query}")
    assert (answer.status_code, place_of(answer)) == (400, query.partition("=")[0])


def test_unknown_parameters_are_all_named(ana: Client) -> None:
    answer = ana.get("/api/v1/access-requests?befor=3&next=4")
    assert [one["parameter"] for one in answer.json()["errors"]] == ["befor", "next"]
    assert {one["code"] for one in answer.json()["errors"]} == {"unknown_parameter"}


def test_filters_and_order(ana: Client, bank: Bank) -> None:
    assert ids(read(ana, "access-requests", sort="id")) == all_ids()[::-1]
    assert ids(read(ana, "access-requests", team=[bank.bi.slug, "other"])) == all_ids()
    assert ids(read(ana, "access-requests", team="other")) == []
    assert ids(read(ana, "access-requests", submitted_after="2999-01-01")) == []
    assert ana.get("/api/v1/access-requests?submitted_after=soon").status_code == 400


def test_members_are_picked(ana: Client) -> None:
    found = read(ana, "access-requests", limit=1, fields="id,requester.name,items.state")["results"]
    assert found == [
        {"id": all_ids()[0], "requester": {"name": "Ana Keller"}, "items": [{"state": "waiting_for_review"}]}
    ]


def test_a_list_is_a_file(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    ana = make_client(bank.ana)
    answer: Any = ana.get("/api/v1/grants?format=csv")
    (row,) = csv.DictReader(b"".join(answer.streaming_content).decode().splitlines())
    assert (row["id"], row["target.table.name"], row["state"]) == (str(grant.pk), "claims", "applying")
    lines: Any = ana.get("/api/v1/grants", headers={"Accept": "application/x-ndjson"})
    assert json.loads(b"".join(lines.streaming_content))["id"] == str(grant.pk)
