"""Each body that the API takes, with each of its values made hostile: refused or taken, never broken by it."""

import json
from collections.abc import Iterator
from itertools import islice, zip_longest
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
    "x" * 20_000,
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


LARGE_TEXT = "x" * 1_000_000
MANY_VALUES, MANY_OBJECTS = 10_000, 2_000
"""More than the API takes of either, and objects more than Python nests."""
MAX_TOGETHER = 30_000
"""So many characters of JSON may a value have that is sent in company."""
ABSENT = object()


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
        item = build_sample(found["items"], bank)
        yield [item] * (MANY_OBJECTS if isinstance(item, dict) else MANY_VALUES)
        for bad in generate_hostile_values(found["items"], item, bank):
            yield [bad]
        return
    if kind == "object":
        yield from [
            None,
            [],
            "x",
            {"\x00": "\x00"},
            {"\ud800": ["\ud800"]},
            {str(n): "x" for n in range(MANY_OBJECTS)},
        ]
        return
    yield from NUMBERS if kind in {"integer", "number"} else DATES if found.get("format") else WORDS


def list_bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in SCHEMA["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {}) if isinstance(said, dict) else {}
            if "application/json" in content:
                yield method, path, content["application/json"]["schema"]


def send(client: Client, method: str, address: str, body: Any) -> Any:
    """The answer, which is no server error."""
    answer = getattr(client, method)(
        address, json.dumps(body), content_type="application/json", headers={"If-Match": '"0"'}
    )
    assert answer.status_code < 500, (address, str(body)[:300])
    return answer


def list_refused_members(answer: Any) -> set[str]:
    """Those that the answer complains of."""
    if not answer.headers["Content-Type"].endswith("json"):
        return set()
    pointers = (one.get("pointer", "") for one in answer.json().get("errors", []))
    return {pointer.split("/")[1] for pointer in pointers if "/" in pointer}


def is_large(value: Any) -> bool:
    return len(json.dumps(value)) > MAX_TOGETHER


def generate_bodies(schema: dict[str, Any], good: Any, bank: Bank) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Bodies in which every member is hostile in its next way, each with the members that it makes so. Large values come
    alone, for two of them are more than the site reads; one text of each body is as large as the site reads.
    """
    found = resolve_schema(schema)
    if "properties" not in found:
        yield from ((bad, {}) for bad in generate_hostile_values(schema, good, bank))
        return
    small = dict[str, list[Any]]()
    texts = (name for name in found["properties"] if isinstance(good.get(name), str))
    yield from ((good | {name: LARGE_TEXT}, {}) for name in islice(texts, 1))
    for name, one in found["properties"].items():
        every = list(generate_hostile_values(one, good.get(name), bank))
        yield from ((good | {name: bad}, {}) for bad in every if is_large(bad))
        small[name] = [bad for bad in every if not is_large(bad)]
    for together in zip_longest(*small.values(), fillvalue=ABSENT):
        bad = {name: one for name, one in zip(small, together, strict=True) if one is not ABSENT}
        yield good | bad, bad


@pytest.mark.all
@pytest.mark.parametrize(
    ("method", "path", "schema"),
    list(list_bodies()),
    ids=[f"{method} {path}" for method, path, _schema in list_bodies()],
)
def test_a_hostile_value_breaks_nothing(bank: Bank, method: str, path: str, schema: dict[str, Any]) -> None:
    """Members that are not refused in company are sent alone, so that they come as far as they can; by whom the site
    lets come furthest.
    """
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
    statuses = {client: send(client, method, address, good).status_code for client in (owner, requester)}
    allowed = {client: status for client, status in statuses.items() if status not in {403, 404}}
    sender = min(allowed or [owner], key=statuses.__getitem__)
    for body, members in generate_bodies(schema, good, bank):
        answer = send(sender, method, address, body)
        if len(members) > 1:
            refused = list_refused_members(answer)
            for name in members.keys() - refused:
                send(sender, method, address, good | {name: members[name]})
