"""What AWS reads out of a request that is not quite of its shapes, and what it cannot read.

A null is an absent member, and a fraction becomes a whole number by losing its decimals. Measured on Athena
(athena-local, request errors); EventBridge, Glue and others are of the same framework.
"""

from collections.abc import Callable
from typing import Any

from mocklake.errors import AwsError
from mocklake.validation.fitting import BOUNDS, is_base64, is_number, is_time

NO_LIST = "Start of list found where not expected"
NO_STRUCTURE = "Start of structure or map found where not expected."
_NAMES = {
    "string": "a String", "integer": "an Integer", "long": "a Long", "float": "a Float", "double": "a Double",
    "boolean": "a Boolean", "timestamp": "milliseconds since epoch", "blob": "a Blob",
}  # fmt: skip


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
