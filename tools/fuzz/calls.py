"""Makes calls as each caller, judges the answers by the document, and keeps what they show."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.api.references import API_ROOT, KINDS
from tools.fuzz.callers import TOKEN, create_caller
from tools.fuzz.report import Finding, FuzzReport

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FIELDS = "fields"
PARAMETER = re.compile(r"([\w-]+)/\{(\w+)\}")
NEXT, CURSOR = "next", "cursor"
MAX_VALUES, MAX_LENGTH = 400, 300
IRREGULAR = {"people": "person", "baskets": "team"}


class Calls:
    def __init__(self, report: FuzzReport, callers: Sequence[str], paths: Sequence[str]) -> None:
        self.report = report
        self.callers = {name: create_caller(name) for name in callers}
        self.credentials = {name: caller.begin().to_arguments() for name, caller in self.callers.items()}
        self.everything = KnownValues(paths)
        """What any caller's answers showed, and rows that have no address."""
        self.everything.collect_rows()
        self.known = {name: KnownValues(paths, self.everything) for name in callers}

    def make(self, case: Any, caller: str, *, is_client: bool = False) -> Any:
        """The answer."""
        arguments = self.credentials[caller]
        answer = case.call(**arguments)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and caller != TOKEN:
            self.credentials[caller] = self.callers[caller].begin().to_arguments()
        self.report.count(case.operation.label, answer.status_code, _read_code(answer), is_client=is_client)
        if answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            self.known[caller].collect_body(answer.content)
            self.everything.collect_body(answer.content)
        self._judge(case, caller, answer, arguments)
        return answer

    def _judge(self, case: Any, caller: str, answer: Any, arguments: dict[str, Any]) -> None:
        picks = isinstance(case.query, dict) and FIELDS in case.query and answer.status_code == HTTPStatus.OK
        checks = [check for check in CHECKS if not (picks and check is response_schema_conformance)]
        try:
            case.validate_response(answer, checks=checks, headers=arguments["headers"])
        except FailureGroup as group:
            for failure in group.exceptions:
                self.report.add(
                    Finding(
                        case.operation.label,
                        caller,
                        type(failure).__name__,
                        f"{answer.status_code} {failure}"[:600],
                        case.as_curl_command(headers={**arguments["headers"], **_write_cookies(arguments)}),
                    )
                )


def _write_cookies(arguments: dict[str, Any]) -> dict[str, str]:
    cookies = "; ".join(f"{name}={value}" for name, value in arguments["cookies"].items())
    return {"Cookie": cookies} if cookies else {}


def _read_code(answer: Any) -> str:
    """The `code` of a problem, and the place and code of its first error; empty for other answers."""
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return ""
    try:
        problem = json.loads(answer.content)
        first: dict[str, str] = next(iter(problem["errors"]), {})
        place = first.get("pointer") or first.get("parameter") or first.get("header") or ""
        return " ".join(filter(None, (problem["code"], place, first.get("code"))))[:80]
    except (ValueError, KeyError, TypeError):
        return ""


def name_kind(word: str) -> str:
    """`data_product` for `data-products`: the word in an address, or the name of a member that is a list."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    name = word.replace("-", "_")
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name.removesuffix("s")


def get_prefix(path: str) -> str:
    """The path up to its last parameter; empty without one."""
    return path[: path.rindex("}") + 1] if "}" in path else ""


@cache
def compile_path(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def match_path(path: str, address: str) -> dict[str, str] | None:
    """The parameters, if the address is of that path."""
    match = compile_path(path).fullmatch(address)
    return match.groupdict() if match else None


class KnownValues:
    """Ids by kind, texts by the name of their member, the parameters of addresses, and the names of tables' columns."""

    def __init__(self, paths: Iterable[str], others: "KnownValues | None" = None) -> None:
        """Where nothing is known, what `others` know."""
        self._others = others
        self._prefixes = {get_prefix(path) for path in paths} - {""}
        self._paths: set[str] = set()
        self._parameters: dict[str, list[dict[str, str]]] = defaultdict(list)
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._texts: dict[str, list[str]] = defaultdict(list)
        self.columns: dict[str, list[str]] = {}
        self.cursors: dict[str, str] = {}

    def collect_body(self, body: bytes) -> None:
        try:
            self.collect(json.loads(body))
        except ValueError:
            return

    def collect_rows(self) -> None:
        """Ids of what has no address in the API: people, teams, domains, catalogs, accounts and principals."""
        for model, kind in KINDS.items():
            if not kind.route:
                name = "catalog" if model.__name__ == "ConnectedCatalog" else model.__name__.lower()
                for row in model._default_manager.all():  # noqa: SLF001 - Django documents it
                    self._add(self._ids[name], str(kind.id(row)))

    def collect(self, document: Any) -> None:
        left = [("", document)]
        while left:
            name, found = left.pop()
            if isinstance(found, dict):
                left += found.items()
                self._collect_object(name, found)
            elif isinstance(found, list):
                left += [(name_kind(name), one) for one in found]
            elif isinstance(found, str) and name not in {"url", "html_url", "id"}:
                self._add(self._texts[name], found)

    def get_ids(self, kind: str) -> Sequence[str]:
        if found := self._ids.get(kind):
            return found
        return self._others.get_ids(kind) if self._others else ()

    def get_texts(self, name: str) -> Sequence[str]:
        return self._texts.get(name, ())

    def choose_parameters(self, path: str, choices: random.Random) -> Mapping[str, str]:
        """Chooses the known parameters of the path: of one address that was seen, else each by its kind."""
        if seen := self._parameters.get(get_prefix(path)):
            return choices.choice(seen)
        known = {name: self.get_ids(name_kind(word)) for word, name in PARAMETER.findall(path)}
        return {name: choices.choice(values) for name, values in known.items() if values}

    def _collect_object(self, name: str, found: dict[str, Any]) -> None:
        url = found.get("url")
        if isinstance(url, str):
            self._collect_url(url)
        if isinstance(found.get("id"), str):
            self._add(self._ids[name], found["id"])
            if isinstance(found.get("columns"), list) and isinstance(url, str) and "/tables/" in url:
                self.columns[found["id"]] = [
                    column["name"] for column in found["columns"] if "name" in column
                ]
        if isinstance(found.get(NEXT), str):
            split = urlsplit(found[NEXT])
            for cursor in parse_qs(split.query).get(CURSOR, ()):
                self.cursors[split.path] = cursor

    def _collect_url(self, url: str) -> None:
        path = urlsplit(url).path
        if not path.startswith(API_ROOT) or path in self._paths:
            return
        self._paths.add(path)
        for word, value in pairwise(path.split("/")):
            if value:
                self._add(self._ids[name_kind(word)], value)
        for prefix in self._prefixes:
            found = match_path(prefix, path)
            if found is not None and found not in self._parameters[prefix]:
                self._parameters[prefix].append(found)

    def _add(self, values: list[str], value: str) -> None:
        if value not in values and len(value) <= MAX_LENGTH and len(values) < MAX_VALUES:
            values.append(value)
