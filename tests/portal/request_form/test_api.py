"""Requests over HTTP: what is shown, what is refused at which input, and who is turned away."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from requests_app.access_requests.models import AccessRequest
from tests import factories
from tests.bank import Bank, ask


def form(bank: Bank, **changes: Any) -> dict[str, Any]:
    asked = {
        "principal": bank.role.arn,
        "team": bank.bi.slug,
        "purpose": "Quarterly reserve report",
        "ends_at": factories.days_from_now(30).isoformat(),
        "items": [
            {"table": bank.claims.pk, "columns": ["claim_id", "amount"], "product": bank.product.slug},
        ],
        "submission_key": "form-1",
    }
    return asked | changes


def post(client: Client, body: Any) -> Any:
    return client.post("/api/requests/", body, content_type="application/json")


@pytest.fixture
def ana(client: Client, bank: Bank) -> Client:
    client.force_login(bank.ana)
    return client


def test_a_request_is_submitted_and_shown(ana: Client, bank: Bank) -> None:
    answer = post(ana, form(bank))
    body = answer.json()
    assert answer.status_code == 201
    assert (body["requester"]["name"], body["team"], body["principal"]["arn"]) == (
        "Ana Keller",
        bank.bi.slug,
        bank.role.arn,
    )
    item = body["items"][0]
    assert (item["table"]["name"], item["columns"], item["product"]) == (
        "claims",
        ["claim_id", "amount"],
        bank.product.slug,
    )
    assert (item["state"], item["progress"]["kind"], item["progress"]["presence"]) == (
        "submitted",
        "grey",
        "",
    )
    assert ana.get(f"/api/requests/{body['id']}/").json() == body
    assert ana.get("/api/requests/").json() == {"results": [body], "next": None}


def test_the_team_is_the_accounts_unless_said(ana: Client, bank: Bank) -> None:
    body = form(bank)
    del body["team"]
    assert post(ana, body).json()["team"] == bank.bi.slug


def test_a_double_submit_answers_with_the_first(ana: Client, bank: Bank) -> None:
    assert post(ana, form(bank)).json()["id"] == post(ana, form(bank)).json()["id"]
    assert (AccessRequest.objects.count(), Event.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"purpose": " "}, "refused", "purpose"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "refused", "ends_at"),
        ({"ends_at": "2999-01-01T00:00:00Z"}, "refused", "ends_at"),
        ({"ends_at": "soon"}, "invalid", "ends_at"),
        ({"principal": "arn:aws:iam::999999999999:role/unknown"}, "refused", "principal"),
        ({"principal": "not an arn"}, "refused", "principal"),
        ({"team": "no-such-team"}, "refused", "team"),
        ({"items": []}, "refused", "items"),
        ({"items": [{"table": 0}]}, "invalid", "items.0.table"),
        ({"items": [{"table": 10**9, "columns": ["a"]}]}, "refused", "items"),
        ({"items": [{"table": 10**30, "columns": ["a"]}]}, "refused", "items"),
        ({"items": [{"table": 1, "columns": ["a"], "product": "nope"}]}, "refused", "items"),
        ({"items": "everything"}, "invalid", "items"),
        ({"submission_key": ""}, "invalid", "submission_key"),
        ({"submission_key": "x" * 65}, "invalid", "submission_key"),
    ],
)
def test_what_does_not_stand_is_said_at_its_input(
    ana: Client, bank: Bank, change: dict[str, Any], code: str, field: str
) -> None:
    answer = post(ana, form(bank, **change))
    body = answer.json()
    assert (answer.status_code, body["code"], body["field"]) == (400, code, field)
    assert body["message"]
    assert not AccessRequest.objects.exists()


def test_a_body_that_is_not_an_object_is_refused(ana: Client) -> None:
    for body in ("[]", "{", '"x"'):
        answer = ana.post("/api/requests/", body, content_type="application/json")
        assert (answer.status_code, set(answer.json())) == (400, {"code", "message", "field"})


def test_a_role_of_another_team_is_as_unknown_as_none(ana: Client, bank: Bank) -> None:
    foreign = factories.make_principal(factories.make_account(bank.insurance))
    unknown = post(ana, form(bank, principal="arn:aws:iam::999999999999:role/x")).json()
    assert post(ana, form(bank, principal=foreign.arn)).json() == unknown


def test_a_table_of_an_unpublished_product_is_not_in_the_catalog(ana: Client, bank: Bank) -> None:
    bank.product.is_published = False
    bank.product.save()
    body = form(bank, items=[{"table": bank.claims.pk, "columns": ["claim_id"]}])
    assert post(ana, body).json()["message"] == "This table is not in the catalog."


def test_anonymous_is_turned_away(client: Client, bank: Bank) -> None:
    for address in ("requests/", "inbox/", "grants/", "principals/", "search", "products/", "syncs/"):
        answer = client.get(f"/api/{address}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), address
    assert client.get("/api/schema").status_code == 401
    assert client.get("/api/docs").headers["Location"] == "/sign-in/?next=/api/docs"
    assert post(client, form(bank)).status_code == 401
    assert not AccessRequest.objects.exists()


def test_without_the_forms_token_nothing_is_written(bank: Bank) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bank.ana)
    answer = post(client, form(bank))
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert not AccessRequest.objects.exists()


def test_another_persons_request_is_absent(client: Client, bank: Bank) -> None:
    request = ask(bank)
    client.force_login(bank.sam)
    absent = client.get("/api/requests/0/")
    hidden = client.get(f"/api/requests/{request.pk}/")
    assert (hidden.status_code, hidden.json()) == (404, absent.json())
    assert client.get("/api/requests/").json()["results"] == []


def test_a_list_goes_on_by_key(ana: Client, bank: Bank) -> None:
    ids = [ask(bank, submission_key=f"form-{number}").pk for number in range(3)]
    first = ana.get("/api/requests/?limit=2").json()
    assert ([row["id"] for row in first["results"]], first["next"]) == ([ids[2], ids[1]], ids[1])
    rest = ana.get(f"/api/requests/?limit=2&before={first['next']}").json()
    assert ([row["id"] for row in rest["results"]], rest["next"]) == ([ids[0]], None)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=-1"])
def test_a_page_that_makes_no_sense_is_refused(ana: Client, query: str) -> None:
    assert ana.get(f"/api/requests/?{query}").status_code == 400


def test_roles_to_choose_from(ana: Client, bank: Bank) -> None:
    rows = ana.get("/api/principals/").json()["results"]
    assert [(row["arn"], row["account"]) for row in rows] == [(bank.role.arn, "BI")]
