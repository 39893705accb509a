"""Requests that break AWS's models, made of the models by a seed: what no client sends and a server must refuse."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from mocklake.protocols import PROTOCOL, model
from mocklake.validation.fitting import choice_of

WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, [], {}, 1e40),
    "integer": ("7", True, [], {}, "x" * 10),
    "long": ("7", True, [], {}),
    "double": ("7", True, []),
    "float": ("7", True, []),
    "boolean": ("true", 7, [], {}),
    "timestamp": ("now", True, [], {}, 1e40),
    "blob": (7, "=+/=", [], {}),
    "list": ("x", 7, True, {}),
    "map": ("x", 7, True, []),
    "structure": ("x", 7, True, []),
}
HOSTILE = (
    "",
    "\0",
    "\ud800",
    "é😀",
    "' OR 1=1 --",
    "../../etc",
    "x" * 70_000,
    "%00",
    "a" * 300,
    "{{7*7}}",
    "٣",
)
NO_JSON = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"7",
    b'"x"',
    b"{]",
    b'{"a":NaN}',
    b"\xff\xfe",
    b"[" * 100_000,
    b"{}{}",
    b'{"a":1,}',
)
DEEP = 6
PLAIN = {"boolean": True, "double": 1.5, "float": 1.5, "timestamp": 1.5, "blob": "AAAA"}


@dataclass(frozen=True)
class Malformed:
    """`breaks` says how; a request that breaks nothing for sure may be answered."""

    service: str
    operation: str
    body: bytes
    breaks: str = ""


class Generator:
    """Requests of one service, each an operation's parameters with one thing wrong."""

    def __init__(self, service: str, seed: int) -> None:
        self._service = service
        self._random = Random(seed)

    def requests(self, operation: str, count: int) -> Iterator[Malformed]:
        """The first ones are no JSON or hostile; the others break the model in one place."""
        shape = model(self._service).operation_model(operation).input_shape
        for _ in range(count):
            way = self._random.random()
            if way < 0.1 or shape is None:  # noqa: PLR2004
                broken = self._random.choice(NO_JSON)
                takes_nothing = not broken and PROTOCOL[self._service] == "rest-json"
                breaks = "" if takes_nothing else f"no JSON {broken[:20]!r}"
                yield Malformed(self._service, operation, broken, breaks)
            elif way < 0.3:  # noqa: PLR2004
                yield self._made(operation, self.value(shape, hostile=True), "")
            else:
                params = self.value(shape)
                breaks = self._break(params, shape)
                yield self._made(operation, params, breaks)

    def _made(self, operation: str, params: Any, breaks: str) -> Malformed:
        return Malformed(self._service, operation, json.dumps(params).encode(), breaks)

    def value(self, shape: Any, *, hostile: bool = False, depth: int = 0) -> Any:
        """One that fits the shape, as far as its patterns can be met by simple texts."""
        match shape.type_name:
            case "structure":
                return self._structure(shape, hostile=hostile, depth=depth)
            case "list":
                least = shape.metadata.get("min", 0)
                count = 0 if depth >= DEEP else max(least, self._random.choice((0, 1, 2)))
                return [self.value(shape.member, hostile=hostile, depth=depth + 1) for _ in range(count)]
            case "map":
                return {"k": self.value(shape.value, hostile=hostile, depth=depth + 1)}
            case "string":
                return self._text(shape, hostile=hostile)
            case kind:
                numbers = (1, 2**31 - 1) if hostile else (max(shape.metadata.get("min", 0), 1),)
                return PLAIN.get(kind, self._random.choice(numbers))

    def _structure(self, shape: Any, *, hostile: bool, depth: int) -> Any:
        chosen = {
            name: member
            for name, member in shape.members.items()
            if name in shape.required_members or (depth < DEEP and self._random.random() < 0.4)  # noqa: PLR2004
        }
        return {name: self.value(one, hostile=hostile, depth=depth + 1) for name, one in chosen.items()}

    def _text(self, shape: Any, *, hostile: bool) -> str:
        choice = sorted(choice_of(self._service, shape))
        if hostile and self._random.random() < 0.5:  # noqa: PLR2004
            return self._random.choice(HOSTILE)
        if choice:
            return self._random.choice(choice)
        least = shape.metadata.get("min", 1)
        return self._random.choice(TEXTS)[: shape.metadata.get("max", 2000)].ljust(least, "a")

    def _break(self, value: Any, shape: Any, place: str = "") -> str:
        """Changes one place in the value so that it breaks the model; empty where there is none to break."""
        name = self._random.choice(sorted(shape.members)) if shape.members else ""
        if not name:
            return ""
        member, where = shape.members[name], f"{place}.{name}"
        if member.type_name == "structure" and self._random.random() < 0.7:  # noqa: PLR2004
            value[name] = self.value(member, depth=1)
            return self._break(value[name], member, where)
        if name in shape.required_members and self._random.random() < 0.3:  # noqa: PLR2004
            del value[name]
            return f"{where} is missing"
        if getattr(member, "is_document_type", False):
            return ""
        value[name], how = self._broken(member)
        return f"{where} {how}" if how else ""

    def _broken(self, shape: Any) -> tuple[Any, str]:
        ways = list(_beyond(self._service, shape))
        if ways and self._random.random() < 0.6:  # noqa: PLR2004
            return self._random.choice(ways)
        if shape.type_name == "list" and self._random.random() < 0.5:  # noqa: PLR2004
            part, how = self._broken(shape.member)
            return [part], how and f"member {how}"
        wrong = self._random.choice(WRONG[shape.type_name])
        return wrong, f"is a {type(wrong).__name__}, not a {shape.type_name}"


def _beyond(service: str, shape: Any) -> Iterator[tuple[Any, str]]:
    """Values of the right type beyond the shape's limits and choices."""
    high, low = shape.metadata.get("max"), shape.metadata.get("min", 0)
    kind = shape.type_name
    if kind in ("integer", "long"):
        if high is not None:
            yield high + 1, "is too great"
            yield 10**30, "is huge"
        if "min" in shape.metadata:
            yield low - 1, "is too small"
    if kind == "string":
        if high is not None and high < 200_000:  # noqa: PLR2004
            yield "a" * (high + 1), "is too long"
        if low > 0:
            yield "", "is too short"
        if choice_of(service, shape):
            yield "COLOUR", "is no choice"
    if kind == "list" and low > 0:
        yield [], "is too short"


TEXTS = (
    "111111111111",
    "sales",
    "orders",
    "arn:aws:iam::111111111111:role/a",
    "s3://lake/a",
    "a",
    "primary",
    "default",
)
