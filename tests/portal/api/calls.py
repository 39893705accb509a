"""Calls of the API, and the bodies that they send."""

from typing import Any

from django.test import Client

from catalog.mirror.models import Table
from identity.people.models import Person
from tests import factories
from tests.bank import Bank
from tests.portal.api.input_schemas import list_unknown_places
from tests.portal.conftest import make_client

ROOT = "/api/v1"
JSON = "application/json"
REFUSALS = {409, 422}
PROBLEM = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"}


def client_of(who: Client | Person | None) -> Client:
    if isinstance(who, Client):
        return who
    return make_client(who) if who else Client()


def send(
    who: Client | Person | None, address: str, body: Any = None, *, key: str = "", **headers: str
) -> Any:
    """A POST."""
    given = {**({"Idempotency-Key": key} if key else {}), **headers}
    said = {} if body is None else body
    return _checked(
        "post", address, client_of(who).post(f"{ROOT}/{address}", said, content_type=JSON, headers=given)
    )


def patch(who: Client | Person, address: str, body: Any, **headers: str) -> Any:
    return _checked(
        "patch", address, client_of(who).patch(f"{ROOT}/{address}", body, content_type=JSON, headers=headers)
    )


def _checked(method: str, address: str, answer: Any) -> Any:
    """The answer. A refusal points to members that the endpoint takes."""
    if answer.status_code in REFUSALS:
        assert list_unknown_places(method, f"{ROOT}/{address}", answer) == []
    return answer


def read(who: Client | Person | None, address: str, **query: Any) -> Any:
    """The answer to a GET as JSON."""
    return client_of(who).get(f"{ROOT}/{address}", query).json()


def place_of(answer: Any) -> str:
    """Of the first input that does not stand: its pointer, parameter or header."""
    first = answer.json()["errors"][0]
    return str(first.get("pointer") or first.get("parameter") or first.get("header"))


def without_id(problem: Any) -> dict[str, Any]:
    """A problem but for what is of its call alone."""
    return {name: value for name, value in problem.items() if name not in {"request_id", "instance"}}


def table_item(table: Table, *columns: str, **more: Any) -> dict[str, Any]:
    """Of an access request."""
    return {"target": {"kind": "table", "table": str(table.pk)}, "columns": list(columns), **more}


def recipient(bank: Bank) -> dict[str, str]:
    return {"kind": "principal", "principal": bank.role.arn}


def draft(bank: Bank, **changes: Any) -> dict[str, Any]:
    """What an access request says, before it is sent."""
    asked = {
        "recipient": recipient(bank),
        "purpose": "Quarterly reserve report",
        "expires_at": factories.days_from_now(30).isoformat(),
        "items": [table_item(bank.claims, "claim_id", "amount", data_product=bank.product.slug)],
    }
    return asked | changes
