"""What no browser sends: the site says that it cannot read it, and never breaks over it."""

import json
import logging
from typing import Any

import pytest
from django.urls import reverse

from marketplace.middleware import StartResponse, WSGIApplication, require_utf8
from marketplace.wsgi import application
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client

DEEP = ["[" * 100_000, '{"a":' * 100_000, '{"comment": ' + "[" * 5_000 + "]" * 5_000 + "}"]


@pytest.mark.parametrize("body", DEEP)
def test_deeply_nested_json_is_refused(bank: Bank, body: str) -> None:
    for address in (reverse("api-access-requests"), reverse("api-review-decisions", args=[1])):
        answer = make_client(bank.ana).post(address, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("text", ["\x00", "\ud800", "words \udfff words"])
def test_what_is_no_text_is_refused_wherever_it_stands(bank: Bank, text: str) -> None:
    for body in ({"purpose": text}, {text: 1}, {"items": [{"columns": [text]}]}, [text]):
        answer = make_client(bank.ana).post(
            reverse("api-access-requests"), json.dumps(body), content_type="application/json"
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error"), body


def get_status(asked: WSGIApplication, content_type: str) -> str:
    said: list[str] = []
    list(asked({"CONTENT_TYPE": content_type}, lambda status, _headers: said.append(status)))
    return said[0]


def answer_ok(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    return []


@pytest.mark.parametrize("encoding", ["zlib", "hex", "rot13", "undefined", "utf-16", "idna"])
def test_text_in_another_encoding_than_utf8_is_refused(encoding: str) -> None:
    """By what a server runs, before Django looks at the address."""
    assert get_status(application, f"text/html; charset={encoding}") == "400 Bad Request"


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "us-ascii", "made-up"])
def test_utf8_by_any_name_and_names_without_meaning_pass(encoding: str) -> None:
    assert get_status(require_utf8(answer_ok), f"application/json; charset={encoding}") == "200 OK"


def test_an_address_cannot_write_lines_into_the_log(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "portal.errors.views"):
        assert make_client(bank.ana).get("/nowhere%0A2026-11-20 ERROR forged").status_code == 404
    said = [record.getMessage() for record in caplog.records if record.name == "portal.errors.views"]
    assert len(said) == 1
    assert "\n" not in said[0]


def test_a_table_of_thousands_of_columns_can_be_asked_for(bank: Bank) -> None:
    names = [f"column_{number}" for number in range(3_000)]
    wide = factories.make_table(bank.claims.database, "wide", names)
    typed = {
        "purpose": "Quarterly reserve report", "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
        "principal": bank.role.pk, "columns": names, "idempotency_key": "form-wide",
    }  # fmt: skip
    answer = make_client(bank.ana).post(f"{reverse('access-request-new')}?table={wide.pk}", typed)
    assert answer.status_code == 302
