"""The publication rules by the API: draft, in force, results and exceptions."""

from typing import Any

import pytest

from identity.people.models import Person
from tests.bank import Bank
from tests.portal.api.calls import patch, read, send
from tests.portal.conftest import make_client
from tests.products import save_draft


def get_etag(person: Person) -> str:
    return str(make_client(person).get("/api/v1/publication-rules").headers["ETag"])


def save(bank: Bank, **said: Any) -> Any:
    match = {"If-Match": get_etag(bank.greta)}
    return patch(bank.greta, "publication-rules", {"note": "To start.", **said}, **match)


def put_in_force(bank: Bank, **said: Any) -> None:
    save(bank, **said)
    done = send(bank.greta, "publication-rules/put-in-force", **{"If-Match": get_etag(bank.greta)})
    assert done.status_code == 200


def test_rules_are_drafted_and_put_in_force(bank: Bank) -> None:
    saved = save(bank, tiers=["gold"], description_words=5).json()
    assert (saved["draft"]["tiers"], saved["in_force"]["tiers"]) == (["gold"], [])
    (result,) = read(bank.greta, "publication-rules/results")["results"]
    assert result["data_product"]["id"] == bank.product.slug
    put_in_force(bank, tiers=["gold"])
    found = read(bank.greta, "publication-rules")
    assert (found["in_force"]["tiers"], found["draft"], found["note"]) == (["gold"], None, None)


def test_what_was_not_read_is_not_written(bank: Bank) -> None:
    etag = get_etag(bank.greta)
    assert patch(bank.greta, "publication-rules", {"note": "x"}).status_code == 428
    save(bank, own_tables=True)
    assert patch(bank.greta, "publication-rules", {"note": "x"}, **{"If-Match": etag}).status_code == 412
    for verb in ("put-in-force", "discard"):
        assert send(bank.greta, f"publication-rules/{verb}", **{"If-Match": etag}).status_code == 412


@pytest.mark.parametrize(
    "said", [{"tiers": ["platinum"]}, {"required_fields": ["name"]}, {"description_words": -1}]
)
def test_invalid_rules_are_refused(bank: Bank, said: dict[str, Any]) -> None:
    assert save(bank, **said).status_code in (400, 422)


def test_a_draft_says_what_it_lacks_and_an_exception_lets_it_through(bank: Bank) -> None:
    put_in_force(bank, description_words=5)
    save_draft(bank, bank.ines, description="Short")
    address = f"data-products/{bank.product.slug}"
    result, tables = read(bank.ines, f"{address}/draft/rule-results")["results"]
    assert (tables["rule"], tables["is_met"]) == ("tables", True)
    assert (result["rule"], result["is_met"]) == ("description_words", False)
    said = {"rule": "description_words", "reason": "Being rewritten."}
    assert send(bank.ines, f"{address}/rule-exceptions", said).status_code == 403
    assert send(bank.greta, f"{address}/rule-exceptions", said).status_code == 201
    result, _tables = read(bank.ines, f"{address}/draft/rule-results")["results"]
    assert (result["is_met"], result["exception"]) == (True, "Being rewritten.")
    ended = send(bank.greta, f"{address}/rule-exceptions/description_words/end")
    assert (ended.status_code, ended.json()["ended_at"] is not None) == (200, True)


def test_nobody_else_reads_the_rules(bank: Bank) -> None:
    client = make_client(bank.ines)
    for address in ("publication-rules", "publication-rules/results"):
        assert client.get(f"/api/v1/{address}").status_code in (403, 404)
