"""Include templates that depend only on their arguments, cached by those arguments.

The cache key contains every argument, so the output is never stale or of another person: see ADR 26. These tags
are built-ins of every template.
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
CACHE_SIZE = 4096
IMMUTABLE_TYPES = (str, int, float, date, type(None), Promise)
"""Values that equality identifies. Model instances do not qualify: they compare by id alone."""


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """An icon of `icons.svg`, hidden from screen readers."""
    picture = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return format_html(picture, static("icons.svg"), name)


@register.tag
def cached_include(parser: Parser, token: Token) -> "CachedIncludeNode":
    """`{% cached_include "components/mark.html" mark="yes" word=word %}`: `include … only`, cached."""
    _tag, name, *said = token.split_contents()
    given = token_kwargs(said, parser)
    if said:
        raise template.TemplateSyntaxError(f"{name} takes names with their values, not {said[0]}")
    return CachedIncludeNode(name.strip("\"'"), given)


class CachedIncludeNode(template.Node):
    def __init__(self, name: str, given: dict[str, FilterExpression]) -> None:
        self._name, self._given = name, tuple(given.items())

    def render(self, context: Context) -> SafeString:
        values = tuple((name, said.resolve(context)) for name, said in self._given)
        assert context.template is not None
        # SafeString equals str, and True equals 1, but they render differently.
        types = tuple(type(value) for _name, value in values)
        place = (get_language(), get_current_timezone_name())
        return _render_cached(context.template.engine, self._name, values, types, place)


@lru_cache(maxsize=CACHE_SIZE)
def _render_cached(
    engine: Engine,
    name: str,
    values: tuple[tuple[str, Any], ...],
    _types: tuple[type, ...],
    _place: tuple[Any, ...],
) -> SafeString:
    for said, value in values:
        for wrong in _find_mutable_values(value):
            raise TypeError(f"{name} is kept by what it shows: {said} may hold no {type(wrong).__name__}")
    return engine.get_template(name).render(Context(dict(values)))


def _find_mutable_values(value: object) -> Iterator[object]:
    """Parts of a value that can change without the value comparing unequal."""
    if isinstance(value, tuple):
        parts: tuple[object, ...] = value
    elif is_dataclass(value):
        parts = tuple(getattr(value, each.name) for each in fields(value))
    else:
        parts = ()
        if not isinstance(value, IMMUTABLE_TYPES):
            yield value
    for part in parts:
        if isinstance(part, SafeString):
            yield part
        yield from _find_mutable_values(part)
