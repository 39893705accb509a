"""Each body that the API takes, with each of its values made hostile in turn: refused or taken, never broken by it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.test import Client

from demo.bootstrap import ROOT
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client

SCHEMA: dict[str, Any] = yaml.load(
    (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)
WORDS: list[Any] = [
    "\x00",
    "\ud800",
    "x" * 1_000_000,
    "",
    "\u202e<b>",
    "9" * 400,
    None,
    7,
    {"a": 1},
    ["x"],
    True,
]
NUMBERS: list[Any] = [2**63, -1, 10**400, 1.5, "7", None, [], True, "\x00"]
LISTS: list[Any] = [[], None, "x", {}, [None] * 3, [[]] * 3]
DATES: list[Any] = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2027-02-30",
    "\x00",
    7,
    None,
    "infinity",
]


def resolve_schema(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolve_schema(SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    for word in ("allOf", "oneOf"):
        if word in schema:
            return resolve_schema(schema[word][0])
    return schema


def build_sample(schema: dict[str, Any], bank: Bank) -> Any:
    """A value that the schema takes."""
    found = resolve_schema(schema)
    if "enum" in found:
        return found["enum"][0]
    if "properties" in found:
        return {name: build_named_value(name, one, bank) for name, one in found["properties"].items()}
    kind = found.get("type")
    if kind == "array":
        return [build_sample(found["items"], bank)]
    if kind == "object":
        return (
            {"1": build_sample(found["additionalProperties"], bank)}
            if found.get("additionalProperties")
            else {}
        )
    return {"integer": 1, "number": 1, "boolean": False}.get(str(kind), _word(found))


def _word(schema: dict[str, Any]) -> str:
    return factories.days_from_now(9).isoformat() if schema.get("format") == "date-time" else "Some words."


def build_named_value(name: str, schema: dict[str, Any], bank: Bank) -> Any:
    """What can be named is named, so that the body is looked at beyond its first field."""
    known: dict[str, Any] = {
        "principal": bank.role.arn, "table": str(bank.claims.pk), "domain": bank.domain.slug, "team": bank.bi.slug,
        "columns": ["claim_id"], "person": bank.ana.email, "requester": bank.ana.email, "metadata_only": False,
        "offer_version": None, "use": None, "data_product": bank.product.slug, "row_filter": "", "future_access": None,
        "target": {"kind": "table", "table": str(bank.claims.pk)}, "max_duration": "PT4H", "duration": "PT4H",
        "recipient": {"kind": "principal", "principal": bank.role.arn}, "trial_duration": "P7D", "unused_for": "P90D",
    }  # fmt: skip
    return known.get(name, build_sample(schema, bank))


def generate_hostile_values(schema: dict[str, Any], value: Any, bank: Bank) -> Iterator[Any]:
    """The value with one thing in it made hostile, in every way."""
    found = resolve_schema(schema)
    kind = found.get("type")
    if "properties" in found and isinstance(value, dict):
        for name, one in found["properties"].items():
            for bad in generate_hostile_values(one, value.get(name), bank):
                yield value | {name: bad}
        return
    if kind == "array":
        yield from LISTS
        yield [build_sample(found["items"], bank)] * 10_000
        for bad in generate_hostile_values(found["items"], build_sample(found["items"], bank), bank):
            yield [bad]
        return
    if kind == "object":
        yield from [
            None,
            [],
            "x",
            {"\x00": "\x00"},
            {"\ud800": ["\ud800"]},
            {str(n): "x" for n in range(10_000)},
        ]
        return
    yield from NUMBERS if kind in {"integer", "number"} else DATES if found.get("format") else WORDS


def list_bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in SCHEMA["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {}) if isinstance(said, dict) else {}
            if "application/json" in content:
                yield method, path, content["application/json"]["schema"]


def get_status(client: Client, method: str, address: str, body: Any) -> int:
    send = getattr(client, method)
    answer = send(address, json.dumps(body), content_type="application/json", headers={"If-Match": '"0"'})
    return int(answer.status_code)


@pytest.mark.all
@pytest.mark.parametrize(
    ("method", "path", "schema"),
    list(list_bodies()),
    ids=[f"{method} {path}" for method, path, _schema in list_bodies()],
)
def test_a_hostile_value_breaks_nothing(bank: Bank, method: str, path: str, schema: dict[str, Any]) -> None:
    owner, requester = make_client(bank.ines), make_client(bank.ana)
    slug = (
        bank.domain.slug if "policies" in path else bank.bi.slug if "baskets" in path else bank.product.slug
    )
    address = (
        path.replace("{id}", "1")
        .replace("{number}", "1")
        .replace("{slug}", slug)
        .replace("{account_id}", bank.bi_account.account_id)
    )
    good = build_sample(schema, bank)
    statuses = {client: get_status(client, method, address, good) for client in (owner, requester)}
    allowed = [client for client, status in statuses.items() if status not in {403, 404}]
    for client in allowed or [owner]:
        for body in generate_hostile_values(schema, good, bank):
            assert get_status(client, method, address, body) < 500, (address, str(body)[:300])
    assert max(statuses.values()) < 500, address
