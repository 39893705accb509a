"""Reading the body of a call. What is nested beyond any sense, or no text, is the caller's mistake, never ours."""

from collections.abc import Iterator
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from catalog.storable_text import UNSTORABLE_CHARACTERS


class ShallowJSONParser(JSONParser):
    """JSON whose nesting fits the interpreter's stack, and whose strings are text; ParseError for the rest."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        try:
            found: dict[str, Any] = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
        if any(UNSTORABLE_CHARACTERS.search(one) for one in _strings(found)):
            raise ParseError("JSON parse error - NUL and lone surrogates are no text")
        return found


def _strings(found: Any) -> Iterator[str]:
    """Every string in it, names too."""
    left = [found]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
