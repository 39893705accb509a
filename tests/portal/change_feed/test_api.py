"""The change feed over the API: with a session and with a service token."""

from typing import Any

from django.test import Client

from identity.service_tokens import TokenScope
from tests.bank import Bank
from tests.catalog.change_feed.test_feed import number, write_note
from tests.identity.service_tokens.samples import make_service_token
from tests.portal.api.calls import read


def read_with_token(secret: str, **query: str) -> Any:
    return Client().get("/api/v1/changes", query, headers={"Authorization": f"Bearer {secret}"})


def test_a_person_reads_page_by_page(bank: Bank) -> None:
    write_note(bank)
    number()
    first = read(bank.ana, "changes", limit="1")
    assert first["has_more"]
    assert set(first["results"][0]) == {"id", "at", "kind", "action", "data_product", "table", "details"}
    rest = read(bank.ana, "changes", since=first["cursor"])
    every = [*first["results"], *rest["results"]]
    (note,) = [one for one in every if one["action"] == "release_note"]
    assert note["data_product"]["id"] == bank.product.slug
    assert note["details"]["title"] == "Faster"
    assert read(bank.ana, "changes", since=rest["cursor"])["results"] == []


def test_a_token_needs_the_scope(bank: Bank) -> None:
    write_note(bank)
    number()
    other = make_service_token(bank.ines)
    assert read_with_token(other.secret).status_code == 403
    good = make_service_token(bank.ines, scopes=(TokenScope.CHANGES_READ,))
    answer = read_with_token(good.secret)
    assert answer.status_code == 200
    assert "release_note" in {one["action"] for one in answer.json()["results"]}
    assert read_with_token("mmt_wrong").status_code == 401
    assert Client().get("/api/v1/changes").status_code == 401


def test_an_unknown_cursor_points_to_its_parameter(bank: Bank) -> None:
    secret = make_service_token(bank.ines, scopes=(TokenScope.CHANGES_READ,)).secret
    answer = read_with_token(secret, since="nonsense")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "since"
