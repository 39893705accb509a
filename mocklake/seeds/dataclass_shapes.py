"""Plain values put into the shapes of dataclasses; what does not fit is refused by its place and line."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, get_args, get_origin, get_type_hints

from mocklake.seeds.yaml_text import at

_LONGEST_NUMBER = 9
"""A longer whole number among AWS's own members is an account id that lacks its quotes."""
_NAMES = {bool: "a truth value", int: "a whole number", str: "a text"}


class Shaping:
    """Raises ValueError with the line, where it is known."""

    def __init__(self, lines: Mapping[str, int]) -> None:
        self._lines = lines

    def refusal(self, where: str, problem: str) -> ValueError:
        line = self._lines.get(where)
        return ValueError(f"line {line}: {problem}" if line else problem)

    def shaped(self, shape: type, content: Any, where: str = "") -> Any:
        if not isinstance(content, dict):
            raise self.refusal(where, f"{where or 'the whole'} is a mapping")
        types, known = get_type_hints(shape), {one.name: one for one in fields(shape)}
        unknown = [name for name in content if name not in known]
        missing = [name for name, one in known.items() if _is_needed(one) and name not in content]
        if unknown or missing:
            problem = f"{unknown[0]} is not known" if unknown else f"{missing[0]} is missing"
            place = at(where, unknown[0]) if unknown else where
            raise self.refusal(place, f"{where}: {problem}" if where else problem)
        return shape(
            **{name: self._typed(types[name], value, at(where, name)) for name, value in content.items()}
        )

    def _typed(self, kind: Any, value: Any, where: str) -> Any:
        if get_origin(kind) is list:
            if not isinstance(value, list):
                raise self.refusal(where, f"{where} is a list")
            (item,) = get_args(kind)
            return [self._typed(item, one, f"{where}[{index}]") for index, one in enumerate(value)]
        if get_origin(kind) is dict:
            if not isinstance(value, dict):
                raise self.refusal(where, f"{where} is a mapping")
            return {name: self._typed(get_args(kind)[1], one, at(where, name)) for name, one in value.items()}
        if hasattr(kind, "__dataclass_fields__"):
            return self.shaped(kind, value, where)
        return self._free(value, where) if kind is Any else self._plain(kind, value, where)

    def _plain(self, kind: Any, value: Any, where: str) -> Any:
        wanted = next(one for one in (get_args(kind) or (kind,)) if one is not type(None))
        if type(value) is not wanted:
            hint = ": put it in quotes" if wanted is str and not isinstance(value, (dict, list)) else ""
            raise self.refusal(where, f"{where} is {_NAMES[wanted]}{hint}")
        return value

    def _free(self, value: Any, where: str) -> Any:
        """AWS's own members, which AWS's model knows and this file's shapes do not."""
        if isinstance(value, dict):
            return {name: self._free(one, at(where, name)) for name, one in value.items()}
        if isinstance(value, list):
            return [self._free(one, f"{where}[{index}]") for index, one in enumerate(value)]
        if value is None:
            raise self.refusal(where, f"{where} is empty: write {{}} or a value")
        if type(value) is int and len(str(value)) > _LONGEST_NUMBER:
            raise self.refusal(where, f"{where} is a number, and an account id is a text: put it in quotes")
        return value


def _is_needed(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING
