"""What breaks the lengths, patterns, ranges and choices of a service's model, as AWS words it."""

from collections.abc import Callable, Iterator
from typing import Any

from mocklake.validation.leniency import choice_of
from mocklake.validation.patterns import pattern_of

SHOWN = 2_000
"""A longer text is left out of the refusal, as Glue's report of a column's type of 131,072 characters does."""
_PLACES = {("glue", "TableInput"): "table"}
"""Members that AWS's reports call otherwise than its model (etl_manager #90)."""
Broken = Iterator[str]


def broken(service: str, params: dict[str, Any], shape: Any) -> list[str]:
    """A sentence for each constraint that the parameters break, with the place of the value."""
    return list(_Search(service).structure(params, shape, ""))


class _Search:
    """Goes through parameters of the right kinds beside their shapes."""

    def __init__(self, service: str) -> None:
        self._service = service

    def structure(self, value: dict[str, Any], shape: Any, place: str) -> Broken:
        for name in shape.required_members:
            if name not in value:
                yield _failed("null", self._below(place, name), "Member must not be null")
        for name, part in value.items():
            if name in shape.members:
                yield from self._value(part, shape.members[name], self._below(place, name))

    def _value(self, value: Any, shape: Any, place: str) -> Broken:
        match shape.type_name:
            case "structure" if not shape.is_document_type:
                yield from self.structure(value, shape, place)
            case "list":
                yield from self._list(value, shape, place)
            case "map":
                yield from self._map(value, shape, place)
            case _:
                for rule in _rules(self._service, value, shape):
                    yield _failed(_shown(value), place, rule)

    def _list(self, value: list[Any], shape: Any, place: str) -> Broken:
        for rule in _rules(self._service, value, shape):
            yield _failed(_shown(value), place, rule)
        if shape.member.type_name == "string":
            yield from self._each(value, value, shape.member, place=place, subject="Member")
            return
        for index, part in enumerate(value, 1):
            yield from self._value(part, shape.member, f"{place}.{index}.member")

    def _map(self, value: dict[str, Any], shape: Any, place: str) -> Broken:
        for rule in _rules(self._service, value, shape):
            yield _failed(_shown(value), place, rule)
        yield from self._each(value, value, shape.key, place=place, subject="Map keys")
        if shape.value.type_name == "string":
            yield from self._each(value, value.values(), shape.value, place=place, subject="Map value")
            return
        for key, part in value.items():
            yield from self._value(part, shape.value, f"{place}.{key}.member")

    def _each(self, whole: Any, texts: Any, shape: Any, *, place: str, subject: str) -> Broken:
        """Of texts in a list or map AWS names the whole, and every rule that they are under."""
        if any(_rules(self._service, text, shape) for text in texts):
            rules = ", ".join(text for text, _ in _rules_of(self._service, shape))
            yield _failed(_shown(whole), place, f"{subject} must satisfy constraint: [{rules}]")

    def _below(self, place: str, name: str) -> str:
        member = _PLACES.get((self._service, name), name[0].lower() + name[1:])
        return f"{place}.{member}" if place else member


def _rules(service: str, value: Any, shape: Any) -> list[str]:
    return [text for text, holds in _rules_of(service, shape) if not holds(value)]


def _rules_of(service: str, shape: Any) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    low, high = (shape.metadata.get(name) for name in ("min", "max"))
    is_number = shape.type_name in ("integer", "long", "float", "double")
    what, size = ("value", lambda value: value) if is_number else ("length", len)
    if high is not None:
        yield f"Member must have {what} less than or equal to {high}", lambda value: size(value) <= high
    if low is not None:
        yield f"Member must have {what} greater than or equal to {low}", lambda value: size(value) >= low
    rule = shape.metadata.get("pattern")
    pattern = pattern_of(rule) if rule else None
    if pattern is not None:
        text = f"Member must satisfy regular expression pattern: {rule}"
        yield text, lambda value: pattern.fullmatch(value) is not None
    choice = choice_of(service, shape)
    if choice:
        text = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        yield text, lambda value: value in choice


def _failed(shown: str, place: str, rule: str) -> str:
    return f"Value {shown}{' ' if shown else ''}at '{place}' failed to satisfy constraint: {rule}"


def _shown(value: Any) -> str:
    """Empty for numbers, which AWS leaves out (athena-local; cloud-custodian #9944)."""
    text = _as_java(value)
    return "" if isinstance(value, (int, float)) or len(text) > SHOWN else f"'{text}'"


def _as_java(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_as_java(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_as_java, value))}]"
    return str(value)
