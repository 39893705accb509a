"""Calls as a client makes them: it reads before it writes, sends what it read, and goes on with what it made."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from kernel import clock
from tools.fuzz.callers import TOKEN
from tools.fuzz.calls import PARAMETER, Calls, KnownValues, get_prefix, match_path, name_kind

JSON = "application/json"
OWN_SHARE, REPEAT_SHARE = 0.75, 0.1
IF_MATCH, KEY, ETAG = "If-Match", "Idempotency-Key", "etag"
PLANNING = ("preview", "plan")
"""Ends of the addresses that show what another call would do."""
SHOWN = ("_hash", "plan")
"""Ends of the names of members that repeat what was shown."""
SAFE = "get"
TOKEN_SCHEME = "serviceToken"  # noqa: S105 - the name of a scheme
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


class Client:
    """`document` is the OpenAPI document, `operations` those that schemathesis makes of it."""

    def __init__(
        self, calls: Calls, document: Mapping[str, Any], operations: Sequence[Any], choices: random.Random
    ) -> None:
        self.calls, self.document, self.choices = calls, document, choices
        self.operations = {(operation.method, operation.path): operation for operation in operations}
        self.input = ClientInput(document, choices, clock.now())
        self._etag_sources = [
            operation
            for operation in operations
            if operation.method == SAFE or operation.path.endswith(PLANNING)
            if self._has_etag(operation)
        ]

    def list_callers(self, operation: Any) -> Sequence[str]:
        """A token only where the document lets it call."""
        takes_token = any(TOKEN_SCHEME in one for one in self._describe(operation).get("security", ()))
        return [name for name in self.calls.callers if takes_token or name != TOKEN]

    def call(self, operation: Any, caller: str, parameters: Mapping[str, str] | None = None) -> Any:
        """The answer of a call with values that are known, after the calls that a client makes before it."""
        known = self._choose_known(caller)
        described = self._describe(operation)
        path = self._choose_path(operation, described, known, parameters)
        body = self._build_body(described, known)
        if isinstance(body, dict) and any(name.endswith(SHOWN) for name in self._list_members(described)):
            self._repeat_shown(operation, caller, path, body)
        headers = self._list_headers(described)
        if IF_MATCH in headers:
            return self._send_matching(operation, caller, path, body, headers)
        answer = self._send(operation, caller, path, body, headers)
        if KEY in headers and self.choices.random() < REPEAT_SHARE:
            self._send(operation, caller, path, body, headers)
        return answer

    def follow(self, operation: Any, answer: Any, caller: str) -> None:
        """Reads what a call made, changes it, calls its verbs and lists it, each as one of the callers."""
        made = self._find_made(operation, answer)
        if made is None:
            return
        below = [
            (one, parameters)
            for one in self.operations.values()
            if (prefix := get_prefix(one.path)) and (parameters := match_path(prefix, made))
        ]
        self.choices.shuffle(below)
        below.sort(key=lambda one: (one[0].method != SAFE, one[0].method == "delete"))
        for one, parameters in below:
            self.call(one, self.choices.choice([caller, *self.list_callers(one)]), parameters)
        if listing := self.operations.get((SAFE, operation.path)):
            self.call(listing, caller)

    def _find_made(self, operation: Any, answer: Any) -> str | None:
        """The address of what a POST has made."""
        if operation.method != "post" or answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            return None
        document = _read(answer)
        url = document.get("url")
        path = urlsplit(url).path if isinstance(url, str) else ""
        return path if match_path(f"{operation.path}/{{made}}", path) else None

    def _choose_known(self, caller: str) -> KnownValues:
        is_own = self.choices.random() < OWN_SHARE
        return self.calls.known[caller] if is_own else self.calls.everything

    def _choose_path(
        self, operation: Any, described: Any, known: KnownValues, parameters: Mapping[str, str] | None
    ) -> dict[str, str]:
        allowed = {
            parameter["name"]: self.choices.choice(parameter["schema"]["enum"])
            for parameter in described.get("parameters", ())
            if parameter["in"] == "path" and "enum" in parameter["schema"]
        }
        names = [name for _kind, name in PARAMETER.findall(operation.path)]
        chosen = known.choose_parameters(operation.path, self.choices)
        return {**dict.fromkeys(names, "1"), **chosen, **allowed, **(parameters or {})}

    def _build_body(self, described: Any, known: KnownValues) -> Any:
        schema = self._get_body_schema(described)
        return None if schema is None else self.input.build_body(schema, known)

    def _get_body_schema(self, described: Any) -> Any:
        content = described.get("requestBody", {}).get("content", {})
        return content[JSON]["schema"] if JSON in content else None

    def _list_members(self, described: Any) -> Sequence[str]:
        schema = self._get_body_schema(described)
        return [*self.input.resolve(schema).get("properties", {})] if schema else []

    def _list_headers(self, described: Any) -> dict[str, str]:
        """Lists the headers that the operation takes, with a new key."""
        names = {
            parameter["name"] for parameter in described.get("parameters", ()) if parameter["in"] == "header"
        }
        return {name: f"{self.choices.getrandbits(128):032x}" if name == KEY else "" for name in names}

    def _repeat_shown(
        self, operation: Any, caller: str, path: Mapping[str, str], body: dict[str, Any]
    ) -> None:
        """Hashes of what a preview of the same input, and what is above the address, has shown."""
        members = self._list_members(self._describe(operation))
        for source in self._list_sources(operation):
            described = self._describe(source)
            sent = None
            if source.method != SAFE:
                sent = {name: value for name, value in body.items() if name in self._list_members(described)}
            shown = _read(self._send(source, caller, path, sent, self._list_headers(described)))
            found = _find_members(shown, {name for name in members if name.endswith(SHOWN)})
            body.update(found)

    def _list_sources(self, operation: Any) -> Iterator[Any]:
        """What a client reads before that call: the nearest address above, and what previews it."""
        above = operation.path
        for ending in PLANNING:
            for base in (operation.path, operation.path.rpartition("/")[0]):
                if (source := self.operations.get(("post", f"{base}/{ending}"))) and source is not operation:
                    yield source
        while "/" in above:
            if source := self.operations.get((SAFE, above)):
                if "{" in above:
                    yield source
                return
            above = above.rpartition("/")[0]

    def _send_matching(
        self, operation: Any, caller: str, path: Mapping[str, str], body: Any, headers: dict[str, str]
    ) -> Any:
        """With the ETag of what is read at the address or nearest to it: the first one that matches."""
        answer = None
        for source in self._list_etag_sources(operation):
            read = self._send(source, caller, path, None if source.method == SAFE else {}, {})
            if found := read.headers.get(ETAG):
                answer = self._send(operation, caller, path, body, {**headers, IF_MATCH: found[0]})
                if answer.status_code != HTTPStatus.PRECONDITION_FAILED:
                    return answer
        return answer or self._send(operation, caller, path, body, {**headers, IF_MATCH: '"none"'})

    def _list_etag_sources(self, operation: Any) -> Sequence[Any]:
        """The ones with the longest common beginning."""
        shared = {source.label: _count_shared(source.path, operation.path) for source in self._etag_sources}
        most = max(shared.values())
        etag_sources = [source for source in self._etag_sources if shared[source.label] == most]
        self.choices.shuffle(etag_sources)
        return etag_sources

    def _has_etag(self, operation: Any) -> bool:
        answers = self._describe(operation)["responses"]
        return any("ETag" in answer.get("headers", {}) for answer in answers.values())

    def _describe(self, operation: Any) -> Any:
        return self.document["paths"][operation.path][operation.method]

    def _send(
        self, operation: Any, caller: str, path: Mapping[str, str], body: Any, headers: Mapping[str, str]
    ) -> Any:
        described = self._describe(operation)
        names = [name for _kind, name in PARAMETER.findall(operation.path)]
        parameters = described.get("parameters", ())
        known = self.calls.known[caller]
        given: dict[str, Any] = {} if body is None else {"body": body, "media_type": JSON}
        case = operation.Case(
            path_parameters={name: path[name] for name in names if name in path},
            query=self.input.build_query(parameters, known, operation.path),
            headers={name: value for name, value in headers.items() if value},
            **given,
        )
        return self.calls.make(case, caller, is_client=True)


def _read(answer: Any) -> dict[str, Any]:
    try:
        document = json.loads(answer.content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _find_members(document: Any, names: set[str]) -> dict[str, str]:
    """The outermost texts of these names."""
    found: dict[str, str] = {}
    left = [document]
    while left:
        inner = left.pop(0)
        if isinstance(inner, dict):
            found = {**{name: inner[name] for name in names if isinstance(inner.get(name), str)}, **found}
            left += inner.values()
        elif isinstance(inner, list):
            left += inner
    return found


def _count_shared(one: str, other: str) -> int:
    """Steps that both paths begin with."""
    count = 0
    for mine, theirs in zip(one.split("/"), other.split("/"), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


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
        elif columns and body.get("columns") and all(isinstance(column, str) for column in body["columns"]):
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
