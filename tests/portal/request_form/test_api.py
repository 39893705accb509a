"""Access requests over HTTP: what is shown, what is refused at which input, and who is turned away."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from requests_app.access_requests.models import AccessRequest
from tests import factories
from tests.bank import Bank, submit_bank_request
from tests.portal.api.calls import PROBLEM, draft, place_of, read, send, table_item, without_id


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def test_a_request_is_submitted_and_shown(ana: Client, bank: Bank) -> None:
    answer = send(ana, "access-requests", draft(bank, team=bank.bi.slug))
    body = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, body["url"])
    assert body["html_url"].endswith(f"/access-requests/{body['id']}/")
    assert (body["requester"]["name"], body["team"]["id"]) == ("Ana Keller", bank.bi.slug)
    assert body["recipient"]["principal"]["id"] == bank.role.arn
    item = body["items"][0]
    assert (item["target"]["table"]["name"], item["columns"], item["data_product"]["id"]) == (
        "claims", ["claim_id", "amount"], bank.product.slug,
    )  # fmt: skip
    assert (item["state"], item["state_reason"], item["next"]) == ("waiting_for_review", None, "data_owner")
    assert (item["presence"], item["row_filter"], item["use"]) == (None, None, None)
    assert read(ana, f"access-requests/{body['id']}") == body
    shown = {**body, "items": [{name: value for name, value in item.items() if name != "stages"}]}
    assert read(ana, "access-requests") == {"results": [shown], "next": None, "previous": None}


def test_what_was_read_can_be_sent(ana: Client, bank: Bank) -> None:
    read_item = send(ana, "access-requests", draft(bank)).json()["items"][0]
    target = {"kind": "table", "table": read_item["target"]["table"]}
    again = draft(
        bank, items=[{"target": target, "columns": ["iban"], "data_product": read_item["data_product"]}]
    )
    assert send(ana, "access-requests", again).status_code == 201


def test_the_team_is_the_accounts_unless_said(ana: Client, bank: Bank) -> None:
    assert send(ana, "access-requests", draft(bank)).json()["team"]["id"] == bank.bi.slug


def test_a_call_sent_twice_under_a_key_is_one(ana: Client, bank: Bank) -> None:
    body = draft(bank)
    first, again = (send(ana, "access-requests", body, key='"one"') for _ in range(2))
    assert (first.json(), first["Location"]) == (again.json(), again["Location"])
    assert (AccessRequest.objects.count(), Event.objects.count()) == (1, 1)


TABLE = {"kind": "table", "table": "1"}


@pytest.mark.parametrize(
    ("change", "status", "place"),
    [
        ({"purpose": " "}, 422, "#/purpose"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "#/expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, 422, "#/expires_at"),
        ({"expires_at": "soon"}, 400, "#/expires_at"),
        ({"recipient": {"kind": "principal", "principal": "arn:aws:iam::9:role/x"}}, 422, "#/recipient"),
        ({"recipient": {"kind": "person"}}, 400, "#/recipient/kind"),
        ({"team": "no-such-team"}, 422, "#/team"),
        ({"items": []}, 400, "#/items"),
        ({"items": [{"target": {"kind": "table", "table": 0}}]}, 400, "#/items/0/target/table"),
        ({"items": [{"target": {"kind": "table"}}]}, 400, "#/items/0/target/table"),
        ({"items": [{"target": {**TABLE, "tags": {"a": ["b"]}}}]}, 400, "#/items/0/target/tags"),
        ({"items": [{"target": {"kind": "table", "table": "987654"}, "columns": ["a"]}]}, 422, "#/items"),
        (
            {"items": [{"target": TABLE, "columns": ["a"], "data_product": "nope"}]},
            422,
            "#/items/0/data_product",
        ),
        ({"items": [{"target": TABLE, "colums": ["a"]}]}, 400, "#/items/0/colums"),
        ({"items": "everything"}, 400, "#/items"),
    ],
)
def test_what_does_not_stand_is_said_at_its_input(
    ana: Client, bank: Bank, change: dict[str, Any], status: int, place: str
) -> None:
    answer = send(ana, "access-requests", draft(bank, **change))
    assert (answer.status_code, place_of(answer)) == (status, place)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert not AccessRequest.objects.exists()


def test_every_input_that_does_not_stand_is_named(ana: Client, bank: Bank) -> None:
    answer = send(ana, "access-requests", draft(bank, expires_at="soon", items="x", purpos="a"))
    assert {one["pointer"] for one in answer.json()["errors"]} == {"#/purpos"}
    answer = send(ana, "access-requests", draft(bank, expires_at="soon", items="x"))
    assert {one["pointer"] for one in answer.json()["errors"]} == {"#/expires_at", "#/items"}


def test_a_database_is_requested_by_itself(ana: Client, bank: Bank) -> None:
    target = {"kind": "database", "database": str(bank.claims.database_id), "members_hash": "x"}
    items = [{"target": target, "future_access": "tables"}, table_item(bank.claims, "amount")]
    answer = send(ana, "access-requests", draft(bank, items=items))
    assert (answer.status_code, place_of(answer)) == (400, "#/items")


def test_a_body_that_is_not_an_object_is_refused(ana: Client) -> None:
    for body in ("[]", "{", '"x"'):
        answer = ana.post("/api/v1/access-requests", body, content_type="application/json")
        assert (answer.status_code, set(answer.json())) == (400, PROBLEM)


def test_a_role_of_another_team_is_as_unknown_as_none(ana: Client, bank: Bank) -> None:
    foreign = factories.make_principal(factories.make_account(bank.insurance))
    answers = [
        send(ana, "access-requests", draft(bank, recipient={"kind": "principal", "principal": arn})).json()
        for arn in ("arn:aws:iam::999999999999:role/x", foreign.arn)
    ]
    assert without_id(answers[0]) == without_id(answers[1])


def test_a_table_of_an_unpublished_product_is_not_in_the_catalog(ana: Client, bank: Bank) -> None:
    bank.product.is_published = False
    bank.product.save()
    answer = send(ana, "access-requests", draft(bank, items=[table_item(bank.claims, "claim_id")]))
    assert answer.json()["detail"] == "This table is not in the catalog."


def test_anonymous_is_turned_away(client: Client, bank: Bank) -> None:
    for address in (
        "access-requests",
        "reviews",
        "grants",
        "principals",
        "search",
        "data-products",
        "sync-runs",
    ):
        answer = client.get(f"/api/v1/{address}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), address
    assert client.get("/api/v1/openapi.yaml").status_code == 401
    assert client.get("/api/docs/").headers["Location"] == "/sign-in/?next=/api/docs/"
    assert send(client, "access-requests", draft(bank)).status_code == 401
    assert not AccessRequest.objects.exists()


def test_without_the_forms_token_nothing_is_written(bank: Bank) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bank.ana)
    answer = send(client, "access-requests", draft(bank))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not AccessRequest.objects.exists()


def test_another_persons_request_is_absent(client: Client, bank: Bank) -> None:
    request = submit_bank_request(bank)
    client.force_login(bank.sam)
    absent = client.get("/api/v1/access-requests/0")
    hidden = client.get(f"/api/v1/access-requests/{request.pk}")
    assert (hidden.status_code, without_id(hidden.json())) == (404, without_id(absent.json()))
    assert read(client, "access-requests")["results"] == []


def test_roles_to_choose_from(ana: Client, bank: Bank) -> None:
    rows = read(ana, "principals", requestable="true")["results"]
    assert [(row["id"], row["account"]["name"], row["kind"]) for row in rows] == [
        (bank.role.arn, "BI", "role")
    ]
