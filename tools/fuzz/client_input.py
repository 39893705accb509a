"""Input as a client writes it that has read the OpenAPI document: bodies and queries of values that are there."""

import random
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tools.fuzz.known_values import KnownValues, name_kind

Schema = Mapping[str, Any]
KINDS_OF_MEMBERS: Mapping[str, Sequence[str]] = {
    "delegate": ("person",),
    "engineer": ("principal",),
    "grants": ("grant",),
    "inputs": ("data_product",),
    "item": ("request_item", "item", "review"),
    "items": ("item",),
    "owner": ("team", "person"),
    "owner_team": ("team",),
    "request_teams": ("team",),
    "requester": ("person",),
    "responsible_person": ("person",),
    "second_person": ("person",),
    "see_teams": ("team",),
    "successor": ("data_product", "glossary_term"),
    "term": ("glossary_term",),
    "up_to": ("notification",),
    "who": ("person",),
}
"""Of members that are not named for the kind of thing that they name."""
SEEN_TEXTS = frozenset(
    {"arn", "column", "columns", "crawler", "duty", "key", "location", "query", "rule", "tag"}
)
"""Members whose texts are taken from answers."""
VALUES: Mapping[str, Sequence[Any]] = {
    "after_seal": ("0", "3"),
    "column_mode": ("all",),
    "days": ("7", "30"),
    "duration_seconds": (900, 3600),
    "fields": ("id", "id,url"),
    "fresh": ("true",),
    "limit": ("1", "5", "100"),
    "max_classification": ("sensitive",),
    "minutes": (30, 60),
    "q": ("claims", "customer -card", "domain:insurance"),
    "query": ("q=claims",),
    "row_filter": ("", None),
    "row_template": ("",),
    "since": ("0",),
    "target_kind": ("table",),
    "whose": ("mine", "all"),
}
"""Of members and parameters for which the document does not say what is likely to be accepted."""
WORDS = ("claims", "monthly report", "quality of the data", "für die Prüfung", "retention", "pricing model")
OPTIONAL_SHARE, QUERY_SHARE = 0.12, 0.2
CHANGE_SHARE = 0.5
"""How often a member is sent of a body in which none is required, as that of a PATCH."""
SORTS = re.compile(r"`(\w+)`")
TIME_NAMES = ("_after", "_before")
MAX_DEPTH = 8
DURATIONS = ("P7D", "P30D", "PT4H")
HASH = "_hash"
"""End of the names of members that are sent only when something was shown."""
SPAN = 50
"""How far above its least value a number is."""


class ClientInput:
    """Ids and texts are of the `KnownValues` that each call is given."""

    def __init__(self, document: Mapping[str, Any], choices: random.Random, now: datetime) -> None:
        self.schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self.choices, self.now = choices, now

    def build_query(self, parameters: Sequence[Any], known: KnownValues, path: str) -> dict[str, Any]:
        query: dict[str, Any] = {}
        for parameter in parameters:
            if parameter["in"] == "query" and (
                parameter.get("required") or self.choices.random() < QUERY_SHARE
            ):
                value = self._build_parameter(parameter, known, path)
                if value is not None:
                    query[parameter["name"]] = value
        return query

    def build_body(self, schema: Schema, known: KnownValues) -> Any:
        return self._build(schema, "", known, 0)

    def resolve(self, schema: Schema) -> Schema:
        """What the document says of it, behind references. Of several forms the first."""
        while True:
            if "$ref" in schema:
                schema = self.schemas[schema["$ref"].rpartition("/")[2]]
            elif "allOf" in schema or "oneOf" in schema:
                schema = (schema.get("allOf") or schema["oneOf"])[0]
            else:
                return schema

    def _build_parameter(self, parameter: Any, known: KnownValues, path: str) -> Any:
        """None if nothing is known that it could be."""
        name, schema = parameter["name"], parameter["schema"]
        schema = schema.get("items", schema)
        if name == "cursor":
            return known.cursors.get(path)
        if name == "sort" and "enum" not in schema:
            return self.choices.choice(SORTS.findall(parameter.get("description", "")) or [None])
        if name.endswith(TIME_NAMES):
            return self._build_time(schema, days=self.choices.randint(-30, 30))
        if "enum" in schema:
            return self.choices.choice(schema["enum"])
        return self._choose(name, known)

    def _choose(self, name: str, known: KnownValues) -> Any:
        """A value for a member or parameter of this name, or None."""
        if name in VALUES:
            return self.choices.choice(VALUES[name])
        if name in SEEN_TEXTS:
            texts = known.get_texts(name_kind(name)) or known.get_texts(name)
            return self.choices.choice(texts) if texts else None
        kinds = [kind for kind in KINDS_OF_MEMBERS.get(name, (name, name_kind(name))) if known.get_ids(kind)]
        return self.choices.choice(known.get_ids(self.choices.choice(kinds))) if kinds else None

    def _build(self, schema: Schema, name: str, known: KnownValues, depth: int) -> Any:
        said, schema = schema, self.resolve(schema)
        if name in VALUES:
            return self.choices.choice(VALUES[name])
        if "enum" in schema:
            return self.choices.choice(schema["enum"])
        if schema.get("type") == "object":
            return self._build_object(schema, known, depth)
        if schema.get("type") == "array":
            count = self.choices.randint(1, 2)
            return [self._build(schema["items"], name, known, depth + 1) for _ in range(count)]
        return self._build_scalar({**schema, **said}, name, known)

    def _build_object(self, schema: Schema, known: KnownValues, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        members = schema.get("properties", {})
        share = OPTIONAL_SHARE if required or depth else CHANGE_SHARE
        body = {
            name: self._build(member, name, known, depth + 1)
            for name, member in members.items()
            if name in required
            or (depth < MAX_DEPTH and not name.endswith(HASH) and self.choices.random() < share)
        }
        return self._fit_columns(self._fit_kind(body, members, known, depth), known)

    def _fit_kind(
        self, body: dict[str, Any], members: Mapping[str, Schema], known: KnownValues, depth: int
    ) -> dict[str, Any]:
        """Where `kind` says which other member is to be there, that one alone."""
        kind = body.get("kind")
        if isinstance(kind, str) and kind in members:
            known_kinds = [name for name in self.resolve(members["kind"])["enum"] if known.get_ids(name)]
            kind = self.choices.choice(known_kinds or [kind])
            return {"kind": kind, kind: self._build(members[kind], kind, known, depth + 1)}
        return body

    def _fit_columns(self, body: dict[str, Any], known: KnownValues) -> dict[str, Any]:
        """Columns that the table has, and none beside all of them."""
        target = body.get("target")
        table = body.get("table") or (target.get("table") if isinstance(target, dict) else None)
        columns = known.columns.get(str(table), [])
        if body.get("column_mode") == "all":
            body.pop("columns", None)
        elif columns and body.get("columns") and all(isinstance(one, str) for one in body["columns"]):
            body["columns"] = self.choices.sample(columns, 1)
        if columns and isinstance(body.get("column"), str):
            body["column"] = self.choices.choice(columns)
        return body

    def _build_scalar(self, schema: Schema, name: str, known: KnownValues) -> Any:
        if schema.get("format") in {"date-time", "date"}:
            return self._build_time(schema, days=self.choices.randint(1, 20))
        if schema.get("format") == "duration":
            return self.choices.choice(DURATIONS)
        if schema.get("format") == "decimal":
            return f"{self.choices.randint(1, 99)}.5"
        match schema.get("type"):
            case "boolean":
                return self.choices.choice((True, False))
            case "integer" | "number":
                least = schema.get("minimum", 1)
                return self.choices.randint(least, min(schema.get("maximum", least + SPAN), least + SPAN))
            case _:
                return self._build_text(schema, name, known)

    def _build_text(self, schema: Schema, name: str, known: KnownValues) -> Any:
        chosen = schema.get("example", self._choose(name, known))
        text = f"{self.choices.choice(WORDS)} {self.choices.randrange(1_000_000)}"
        return text[: schema.get("maxLength", len(text))] if chosen is None else chosen

    def _build_time(self, schema: Schema, *, days: int) -> str:
        time = self.now + timedelta(days=days)
        return time.date().isoformat() if schema.get("format") == "date" else time.isoformat()
