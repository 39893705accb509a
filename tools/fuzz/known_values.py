"""What answers have shown, so that calls name things that are there."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.api.references import API_ROOT, KINDS

PARAMETER = re.compile(r"([\w-]+)/\{(\w+)\}")
NEXT, CURSOR = "next", "cursor"
MAX_VALUES, MAX_LENGTH = 400, 300
IRREGULAR = {"people": "person", "baskets": "team"}


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
        """Those of the path that are known: of one address that was seen, else each by its kind."""
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
                self.columns[found["id"]] = [one["name"] for one in found["columns"] if "name" in one]
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
