"""Lengths, patterns and choices that Glue's service model sets for a request, refused as Glue words it.

What the model leaves open stays open: parameters' values, view texts and locations take what names do not,
line ends and control characters among them. Assumed: a lone surrogate passes there too.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.fitting import fits, pattern_of
from mocklake.iam.callers import Caller
from mocklake.protocols import model
from mocklake.world import World

SHOWN = 100
Broken = Iterator[tuple[str, Any, str]]
Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]


def checked(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The same handlers, asked only with what the service model allows."""
    return {name: _checking(name, handler) for name, handler in handlers.items()}


def check(operation: str, params: dict[str, Any]) -> None:
    """InvalidInputException with the first thing that is wrong, and its place; its wording is assumed."""
    shape = _shape(operation)
    if fits(params, shape):
        return
    for place, value, rule in _broken(params, shape, ""):
        text = f"Value '{_short(value)}' at '{place}' failed to satisfy constraint: {rule}"
        raise AwsError("InvalidInputException", f"1 validation error detected: {text}")


@cache
def _shape(operation: str) -> Any:
    return model("glue").operation_model(operation).input_shape


def _checking(operation: str, handler: Handler) -> Handler:
    @wraps(handler)
    def handle(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        check(operation, params)
        return handler(world, caller, params)

    return handle


def _broken(value: Any, shape: Any, place: str) -> Broken:
    """(place, value, rule) of each thing that is wrong; SerializationException for what is of another type."""
    kind = shape.type_name
    if kind not in _LOOKS or getattr(shape, "is_document_type", False):
        return
    python, look = _LOOKS[kind]
    if not isinstance(value, python):
        raise AwsError("SerializationException", f"'{place}' is no {kind}: {_short(value)}")
    yield from look(value, shape, place)


def _structure(value: dict[str, Any], shape: Any, place: str) -> Broken:
    for name in shape.required_members:
        if name not in value:
            yield _below(place, name), "null", "Member must not be null"
    for name, part in value.items():
        if name in shape.members:
            yield from _broken(part, shape.members[name], _below(place, name))


def _list(value: list[Any], shape: Any, place: str) -> Broken:
    yield from _sized(value, len(value), shape, place)
    for index, part in enumerate(value, 1):
        yield from _broken(part, shape.member, f"{place}.{index}.member")


def _map(value: dict[str, Any], shape: Any, place: str) -> Broken:
    for key, part in value.items():
        yield from _broken(key, shape.key, place)
        yield from _broken(part, shape.value, f"{place}.{key}")


def _text(value: str, shape: Any, place: str) -> Broken:
    yield from _sized(value, len(value), shape, place)
    rule = shape.metadata.get("pattern")
    pattern = pattern_of(rule) if rule else None
    if pattern is not None and not pattern.fullmatch(value):
        yield place, value, f"Member must satisfy regular expression pattern: {rule}"
    choice = shape.metadata.get("enum")
    if choice and value not in choice:
        yield place, value, f"Member must satisfy enum value set: [{', '.join(choice)}]"


def _sized(value: Any, size: int, shape: Any, place: str) -> Broken:
    low, high = (shape.metadata.get(name) for name in ("min", "max"))
    if low is not None and size < low:
        yield place, value, f"Member must have length greater than or equal to {low}"
    if high is not None and size > high:
        yield place, value, f"Member must have length less than or equal to {high}"


def _number(value: int, shape: Any, place: str) -> Broken:
    low, high = (shape.metadata.get(name) for name in ("min", "max"))
    if low is not None and value < low:
        yield place, value, f"Member must have value greater than or equal to {low}"
    if high is not None and value > high:
        yield place, value, f"Member must have value less than or equal to {high}"


def _below(place: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{place}.{member}" if place else member


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


_LOOKS: dict[str, tuple[type | tuple[type, ...], Callable[[Any, Any, str], Broken]]] = {
    "structure": (dict, _structure),
    "list": ((list, tuple), _list),
    "map": (dict, _map),
    "string": (str, _text),
    "integer": (int, _number),
    "long": (int, _number),
}
