"""Parameters of AWS's query protocol as structures, lists and values of the types that the model gives them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from mocklake.errors import AwsError


def structured(form: Mapping[str, str], shape: Any) -> dict[str, Any]:
    """`Tags.member.1.Key=a` as `{"Tags": [{"Key": "a"}]}`; names that the shape does not have are left out.

    Raises AwsError MalformedInput for a value that is not of its type.
    """
    found = {}
    for name, below in _first_words(form).items():
        if name in shape.members:
            found[name] = _value(below, shape.members[name])
    return found


def _first_words(form: Mapping[str, str]) -> dict[str, dict[str, str]]:
    below: dict[str, dict[str, str]] = defaultdict(dict)
    for name, value in form.items():
        first, _, rest = name.partition(".")
        below[first][rest] = value
    return below


def _value(below: dict[str, str], shape: Any) -> Any:
    if shape.type_name == "structure":
        return structured(below, shape)
    if shape.type_name == "list":
        return _list(below, shape)
    if set(below) != {""}:
        raise AwsError("MalformedInput", "Unexpected complex element termination")
    return _scalar(below[""], shape.type_name)


def _list(below: dict[str, str], shape: Any) -> list[Any]:
    """An empty text is an empty list."""
    if set(below) == {""} and not below[""]:
        return []
    inside = {name.removeprefix("member."): value for name, value in below.items()}
    numbered = _first_words(inside)
    if not all(name.isdecimal() for name in numbered):
        raise AwsError("MalformedInput", "Key value pair is not a list")
    return [_value(numbered[name], shape.member) for name in sorted(numbered, key=lambda name: int(name[:9]))]


def _scalar(text: str, kind: str) -> Any:
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind in ("integer", "long") and text.removeprefix("-").isdecimal():
        return int(text[:20])
    if kind in ("boolean", "integer", "long"):
        raise AwsError("MalformedInput", f"Unable to parse {text[:100]} as {kind}")
    return text
