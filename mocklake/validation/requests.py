"""A request held to its operation's model, with the code that each service refuses it by.

A null is an absent member, and a fraction becomes a whole number by losing its decimals. Measured on Athena
(athena-local, request errors); EventBridge, Glue and others are of the same framework.
"""

from collections.abc import Callable, Iterator
from typing import Any

from mocklake.errors import AwsError
from mocklake.protocols import model
from mocklake.switches import Switches
from mocklake.validation.fitting import BOUNDS, choice_of, fits_of, is_base64, is_number, is_time, pattern_of

CODES = {
    "athena": "InvalidRequestException",
    "iam": "ValidationError",
    "ram": "InvalidParameterException",
    "servicequotas": "IllegalArgumentException",
    "sqs": "MissingParameter",
    "sts": "ValidationError",
}
"""SQS's model requires and limits nothing else. Other services answer ValidationException, which is their framework's own; Lake Formation's is a switch."""
PAGE_SIZE = "InvalidMaxResultsException"
"""Where an operation has this error, it is the one for its maxResults."""
SHOWN = 2_000
"""A longer text is left out of the refusal, as Glue's report of a column's type of 131,072 characters does."""
_PLACES = {("glue", "TableInput"): "table"}
"""Members that AWS's reports call otherwise than its model (etl_manager #90)."""
Broken = Iterator[str]
NO_LIST = "Start of list found where not expected"
NO_STRUCTURE = "Start of structure or map found where not expected."
_NAMES = {
    "string": "a String", "integer": "an Integer", "long": "a Long", "float": "a Float", "double": "a Double",
    "boolean": "a Boolean", "timestamp": "milliseconds since epoch", "blob": "a Blob",
}  # fmt: skip


def validated(service: str, operation: str, params: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """The parameters as a handler takes them.

    Raises AwsError SerializationException for a value of another type, else the service's code for whatever breaks
    a constraint. Members that the model does not have are passed over, as AWS does.
    """
    if fits_of(service, operation)(params):
        return params
    shape = model(service).operation_model(operation).input_shape
    plain: dict[str, Any] = converted(params, shape)
    problems = broken(service, plain, shape)
    if problems:
        raise _refusal(service, operation, problems, switches)
    return plain


def _refusal(service: str, operation: str, problems: list[str], switches: Switches) -> AwsError:
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    code = CODES.get(service, "ValidationException")
    if service == "lakeformation":
        code = switches.lake_formation_constraint_code
    if "at 'maxResults'" in problems[0] and PAGE_SIZE in _errors(service, operation):
        code = PAGE_SIZE
    return AwsError(code, f"{count}: {'; '.join(problems)}")


def _errors(service: str, operation: str) -> set[str]:
    return {shape.name for shape in model(service).operation_model(operation).error_shapes}


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
        """AWS names the whole list or map that texts are in, and every rule that they are under."""
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


def converted(value: Any, shape: Any) -> Any:
    """The value as a handler takes it; members that the shape does not have are left as they are.

    Raises AwsError SerializationException for a value of another kind.
    """
    if getattr(shape, "is_document_type", False):
        return value
    reader = _STRUCTURED.get(shape.type_name)
    return reader(value, shape) if reader else _scalar(value, shape.type_name)


def unreadable(text: str = "") -> AwsError:
    """Without a text as AWS answers for what is not JSON at all."""
    return AwsError("SerializationException", text)


def _structure(value: Any, shape: Any) -> dict[str, Any]:
    _check_kind(value, dict, "Expected null")
    return {
        name: converted(part, shape.members[name]) if name in shape.members else part
        for name, part in value.items()
        if part is not None
    }


def _list(value: Any, shape: Any) -> list[Any]:
    _check_kind(value, list, "Expected list or null")
    return [converted(part, shape.member) for part in value if part is not None]


def _map(value: Any, shape: Any) -> dict[str, Any]:
    _check_kind(value, dict, "Expected map or null")
    return {key: converted(part, shape.value) for key, part in value.items() if part is not None}


def _check_kind(value: Any, kind: type, otherwise: str) -> None:
    if isinstance(value, kind):
        return
    if isinstance(value, dict):
        raise unreadable(NO_STRUCTURE)
    raise unreadable(NO_LIST if isinstance(value, list) else otherwise)


def _scalar(value: Any, kind: str) -> Any:
    if isinstance(value, dict):
        raise unreadable(NO_STRUCTURE)
    if isinstance(value, list):
        raise unreadable(NO_LIST)
    if kind in BOUNDS and is_number(value):
        return max(-BOUNDS[kind], min(BOUNDS[kind] - 1, int(value)))
    if not _READABLE[kind](value):
        raise unreadable(f"{_token(value)} can not be converted to {_NAMES[kind]}")
    return value


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


_READABLE: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": is_number,
    "long": is_number,
    "float": is_number,
    "double": is_number,
    "timestamp": is_time,
    "blob": lambda value: isinstance(value, (str, bytes)) and is_base64(value),
}
_STRUCTURED: dict[str, Callable[[Any, Any], Any]] = {"structure": _structure, "list": _list, "map": _map}
