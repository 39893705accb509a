"""Calls as a client makes them: it reads before it writes, sends what it read, and goes on with what it made."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from kernel import clock
from tools.fuzz.callers import TOKEN
from tools.fuzz.calls import Calls
from tools.fuzz.client_input import ClientInput
from tools.fuzz.known_values import PARAMETER, KnownValues, get_prefix, match_path

JSON = "application/json"
OWN_SHARE, REPEAT_SHARE = 0.75, 0.1
IF_MATCH, KEY, ETAG = "If-Match", "Idempotency-Key", "etag"
PLANNING = ("preview", "plan")
"""Ends of the addresses that show what another call would do."""
SHOWN = ("_hash", "plan")
"""Ends of the names of members that repeat what was shown."""
SAFE = "get"
TOKEN_SCHEME = "serviceToken"  # noqa: S105 - the name of a scheme


class Client:
    """`document` is the OpenAPI document, `operations` those that schemathesis makes of it."""

    def __init__(
        self, calls: Calls, document: Mapping[str, Any], operations: Sequence[Any], choices: random.Random
    ) -> None:
        self.calls, self.document, self.choices = calls, document, choices
        self.operations = {(one.method, one.path): one for one in operations}
        self.input = ClientInput(document, choices, clock.now())
        self._etag_sources = [
            one
            for one in operations
            if one.method == SAFE or one.path.endswith(PLANNING)
            if self._has_etag(one)
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
            one["name"]: self.choices.choice(one["schema"]["enum"])
            for one in described.get("parameters", ())
            if one["in"] == "path" and "enum" in one["schema"]
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
        """Those that the operation takes, with a new key."""
        names = {one["name"] for one in described.get("parameters", ()) if one["in"] == "header"}
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
        """Those with the longest common beginning."""
        shared = {source.label: _count_shared(source.path, operation.path) for source in self._etag_sources}
        most = max(shared.values())
        found = [source for source in self._etag_sources if shared[source.label] == most]
        self.choices.shuffle(found)
        return found

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
