"""Pieces of pages: a template that sees what it is given and nothing else is rendered once for the same.

The key is all that is shown, so that a piece is never out of date and never another person's: see ADR 26. These tags
are known to every template.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.engine import Engine
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

register = template.Library()
MOST_PIECES = 4096
PLAIN = (str, int, float, date, type(None), Promise)
"""Values that are the same when they are equal. A row of the database is not: it is equal by its id alone."""


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """One of the pictures of `icons.svg`; it says nothing to a screen reader."""
    picture = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return format_html(picture, static("icons.svg"), name)


@register.tag
def piece(parser: Parser, token: Token) -> "Piece":
    """`{% piece "components/mark.html" mark="yes" word=word %}`: as `include … only`, but rendered once for the same."""
    _tag, name, *said = token.split_contents()
    given = token_kwargs(said, parser)
    if said:
        raise template.TemplateSyntaxError(f"{name} takes names with their values, not {said[0]}")
    return Piece(name.strip("\"'"), given)


class Piece(template.Node):
    def __init__(self, name: str, given: dict[str, FilterExpression]) -> None:
        self._name, self._given = name, tuple(given.items())

    def render(self, context: Context) -> SafeString:
        values = tuple((name, said.resolve(context)) for name, said in self._given)
        assert context.template is not None
        # A text marked as safe, or True, equals one that is not, or 1, and reads otherwise.
        types = tuple(type(value) for _name, value in values)
        place = (get_language(), get_current_timezone_name())
        return _rendered(context.template.engine, self._name, values, types, place)


@lru_cache(maxsize=MOST_PIECES)
def _rendered(
    engine: Engine,
    name: str,
    values: tuple[tuple[str, Any], ...],
    _types: tuple[type, ...],
    _place: tuple[Any, ...],
) -> SafeString:
    for said, value in values:
        for wrong in _changeable(value):
            raise TypeError(f"{name} is kept by what it shows: {said} may hold no {type(wrong).__name__}")
    return engine.get_template(name).render(Context(dict(values)))


def _changeable(value: object) -> Iterator[object]:
    """What of a value could be other than it was, and yet equal to it."""
    if isinstance(value, tuple):
        parts: tuple[object, ...] = value
    elif is_dataclass(value):
        parts = tuple(getattr(value, each.name) for each in fields(value))
    else:
        parts = ()
        if not isinstance(value, PLAIN):
            yield value
    for part in parts:
        if isinstance(part, SafeString):
            yield part
        yield from _changeable(part)
