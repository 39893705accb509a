"""Ids that lists show, so that drawn calls meet things that are there."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

PARAMETER = re.compile(r"([\w-]+)/\{(\w+)\}")


class KnownIds:
    """By the last word before the id in an address: `grants` for `/grants/{id}`."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = defaultdict(list)

    def collect(self, document: Any) -> None:
        """Those of every `url` in an answer."""
        left = [document]
        while left:
            found = left.pop()
            if isinstance(found, dict):
                left += found.values()
                if isinstance(found.get("url"), str):
                    self._add(found["url"])
            elif isinstance(found, list):
                left += found

    def collect_body(self, body: bytes) -> None:
        try:
            self.collect(json.loads(body))
        except ValueError:
            return

    def get_choices(self, path: str) -> Mapping[str, list[str]]:
        """Known values by the name of the path's parameter."""
        return {name: self._ids[kind] for kind, name in PARAMETER.findall(path) if self._ids[kind]}

    def _add(self, url: str) -> None:
        steps = url.partition("?")[0].split("/")
        for kind, value in pairwise(steps):
            if value and value not in self._ids[kind]:
                self._ids[kind].append(value)
