"""Fails each test in which one of our templates reads a name that its context does not have.

Django shows nothing for such a name. A template says which of its names may be absent: by `{{ name|default:"" }}`, or by a
comment at its beginning, `{# optional: name other #}`. What is None has no parts, so `{% if grant.ended_at %}` is fine then.
"""

import re
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.template.base import FilterExpression, Parser, TokenType, Variable, VariableDoesNotExist
from django.template.context import BaseContext, Context
from django.templatetags.i18n import BlockTranslateNode

from demo.bootstrap import ROOT

TEMPLATES = ROOT / "templates"
OPTIONAL = re.compile(r"{# optional: ([\w ]+) #}")
_parse_expression = FilterExpression.__init__
_render_translation = BlockTranslateNode.render
_undefined: dict[str, None] = {}
"""What the current test has met, in order."""


class StrictVariable(Variable):
    """Notes each lookup that fails."""

    def __init__(self, name: str, template: Path, expression: FilterExpression) -> None:
        super().__init__(name)
        self._place = f"{template.relative_to(TEMPLATES)}: {{{{ {expression.token} }}}}"
        self._may_be_absent = name.split(".", maxsplit=1)[0] in list_optional_names(template) or has_default(
            expression
        )

    def resolve(self, context: Any) -> Any:
        try:
            return super().resolve(context)
        except VariableDoesNotExist as error:
            part, owner = error.params
            is_absent = isinstance(owner, BaseContext | dict)
            if owner is not None and not (is_absent and self._may_be_absent):
                owner_name = "context" if isinstance(owner, BaseContext) else type(owner).__name__
                _undefined[f"{self._place}: there is no {part!r} in {owner_name}"] = None
            raise


@cache
def list_optional_names(template: Path) -> frozenset[str]:
    return frozenset(" ".join(OPTIONAL.findall(template.read_text(encoding="utf-8"))).split())


def has_default(expression: FilterExpression) -> bool:
    return bool(expression.filters) and getattr(expression.filters[0][0], "_filter_name", "") == "default"


def get_own_template(origin: object) -> Path | None:
    """None for templates of Django and of other packages."""
    path = Path(str(getattr(origin, "name", "")))
    return path if path.is_relative_to(TEMPLATES) else None


def parse_strictly(self: FilterExpression, token: str, parser: Parser) -> None:
    _parse_expression(self, token, parser)
    template = get_own_template(parser.origin)
    if template and isinstance(self.var, Variable) and self.var.lookups:
        self.var = StrictVariable(str(self.var.var), template, self)


def render_translation_strictly(
    self: BlockTranslateNode, context: Context, *more: Any, **options: Any
) -> str:
    if template := get_own_template(self.origin):
        tokens = [*self.singular, *self.plural]
        names = {token.contents for token in tokens if token.token_type == TokenType.VAR}
        for name in sorted(names - {*self.extra_context, self.countervar}):
            if name not in context:
                place = f"{template.relative_to(TEMPLATES)}: blocktranslate"
                _undefined[f"{place}: there is no {name!r} in context"] = None
    return str(_render_translation(self, context, *more, **options))


FilterExpression.__init__ = parse_strictly  # type: ignore[method-assign]
BlockTranslateNode.render = render_translation_strictly  # type: ignore[method-assign]


def take_undefined_names() -> list[str]:
    """Those that were met since the last call."""
    found = list(_undefined)
    _undefined.clear()
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    try:
        done = yield
    finally:
        found = take_undefined_names()
    assert not found, "Names that a context lacks:\n" + "\n".join(found)
    return done
