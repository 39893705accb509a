"""Queries and credentials over HTTP, by a person and by a service with its token."""

import json
from typing import Any

from django.test import Client

from catalog.products.models import DataProduct
from identity.service_tokens import TokenScope
from requests_app.data_queries.models import DataQuery
from tests import factories
from tests.bank import Bank
from tests.data_queries import finish_query, grant_columns
from tests.identity.service_tokens.samples import make_service_token
from tests.portal.conftest import make_client

API = "/api/v1"


def post(client: Client, bank: Bank, *, secret: str = "", path: str = "queries", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    address = f"{API}/data-products/{bank.product.slug}/{path}"
    body = {"table": str(bank.claims.pk), **body}
    return client.post(address, json.dumps(body), "application/json", headers=headers)


def test_a_query_is_asked_followed_and_read_by_pages(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(type="int")
    grant_columns(bank, "claim_id", "amount")
    ana = make_client(bank.ana)
    made = post(ana, bank, columns=["claim_id", "amount"], limit=3)
    assert (made.status_code, made.json()["lifecycle"], made.json()["results_url"]) == (202, "waiting", None)
    address = made["Location"]
    assert ana.get(f"{address}/results").status_code == 409
    finish_query(DataQuery.objects.get(), [["C-1", "5"], ["=C-2", None], ["C-3", "7"]])
    found = ana.get(address).json()
    assert (found["lifecycle"], found["row_count"]) == ("succeeded", 3)
    page = ana.get(f"{found['results_url']}?limit=2").json()
    assert page["results"] == [{"claim_id": "C-1", "amount": 5}, {"claim_id": "=C-2", "amount": None}]
    assert ana.get(page["next"]).json()["results"] == [{"claim_id": "C-3", "amount": 7}]
    lines = b"".join(ana.get(f"{address}/results?format=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines == ["claim_id,amount", "C-1,5", "'=C-2,", "C-3,7"]
    assert ana.get(f"{address}/results?format=xlsx").status_code == 400
    assert make_client(bank.ines).get(f"{address}/results").status_code == 404


def test_bad_input_names_its_place(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    ana = make_client(bank.ana)
    wrong = post(ana, bank, filters=[{"column": "iban", "op": "=", "value": "x"}])
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/filters/0/column")
    assert post(ana, bank, sql="SELECT 1").status_code == 400
    assert post(ana, bank, filters=[{"column": "claim_id", "op": "or 1=1"}]).status_code == 400


def test_a_cancelled_query_has_no_rows(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    ana = make_client(bank.ana)
    address = post(ana, bank)["Location"]
    finish_query(DataQuery.objects.get(), [["C-1"]])
    assert ana.delete(address).json()["lifecycle"] == "cancelled"
    assert ana.get(f"{address}/results").status_code == 409


def test_a_token_needs_the_scope_and_its_teams_grant(bank: Bank) -> None:
    factories.add_members(bank.bi, "data_owner", [bank.ana])
    read = make_service_token(bank.ana, scopes=(TokenScope.DATA_READ,)).secret
    other = make_service_token(bank.ana, scopes=(TokenScope.LINEAGE_WRITE,)).secret
    nobody = Client()
    assert post(nobody, bank, secret=read).status_code == 404
    grant_columns(bank)
    made = post(nobody, bank, secret=read)
    assert made.status_code == 202
    assert nobody.get(made["Location"], headers={"Authorization": f"Bearer {read}"}).status_code == 200
    assert post(nobody, bank, secret=other).status_code == 403
    assert post(nobody, bank, secret=read, path="credentials").status_code == 403
    assert post(nobody, bank).status_code == 401
    assert post(make_client(bank.ana), bank, path="credentials").status_code == 202


def test_a_token_finds_no_draft(bank: Bank) -> None:
    factories.add_members(bank.bi, "data_owner", [bank.ana])
    secret = make_service_token(bank.ana, scopes=(TokenScope.DATA_READ,)).secret
    grant_columns(bank)
    assert post(Client(), bank, secret=secret).status_code == 202
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False)
    assert post(Client(), bank, secret=secret).status_code == 404


def test_owners_limit_credentials(bank: Bank) -> None:
    address = f"{API}/data-products/{bank.product.slug}/credential-limit"
    ines = make_client(bank.ines)
    assert ines.get(address).json() == {"minutes": 60}
    assert ines.patch(address, json.dumps({"minutes": 30}), "application/json").json() == {"minutes": 30}
    assert (
        make_client(bank.ana).patch(address, json.dumps({"minutes": 30}), "application/json").status_code
        == 403
    )
