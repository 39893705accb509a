"""What a client sends is made of what answers have shown."""

import random
from datetime import UTC, datetime
from typing import Any

from tools.fuzz.calls import KnownValues
from tools.fuzz.client import ClientInput

PATHS = ("/api/v1/grants/{id}/revoke", "/api/v1/offers/{id}/versions/{number}")
DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "TargetInput": {
                "type": "object",
                "properties": {
                    "kind": {"enum": ["table"]},
                    "table": {"oneOf": [{"type": "string"}, {"type": "object"}]},
                    "tags": {"type": "object"},
                },
                "required": ["kind"],
            },
            "ItemInput": {
                "type": "object",
                "properties": {
                    "target": {"$ref": "#/components/schemas/TargetInput"},
                    "columns": {"type": "array", "items": {"type": "string"}},
                    "duration": {"type": "string", "format": "duration"},
                },
                "required": ["target", "columns", "duration"],
            },
        }
    }
}


def test_addresses_and_ids_are_known_by_what_they_belong_to() -> None:
    known = KnownValues(PATHS)
    known.collect_body(
        b'{"results": [{"url": "http://x/api/v1/grants/12?a=1", "team": {"id": "bi", "name": "BI", "url": null}},'
        b' {"url": "http://x/api/v1/offers/3/versions/2"}]}'
    )
    choices = random.Random(1)
    assert known.choose_parameters(PATHS[0], choices) == {"id": "12"}
    assert known.choose_parameters(PATHS[1], choices) == {"id": "3", "number": "2"}
    assert known.choose_parameters("/api/v1/policies/{slug}", choices) == {}
    assert known.get_ids("team") == ["bi"]


def test_a_body_names_a_known_table_and_its_columns() -> None:
    known = KnownValues(PATHS)
    known.collect({"id": "5", "url": "http://x/api/v1/tables/5", "columns": [{"name": "iban"}]})
    builder = ClientInput(DOCUMENT, random.Random(1), datetime(2030, 1, 1, tzinfo=UTC))
    body = builder.build_body({"$ref": "#/components/schemas/ItemInput"}, known)
    assert body["target"] == {"kind": "table", "table": "5"}
    assert body["columns"] == ["iban"]
