"""Show text that people write as Markdown."""

from typing import Any

from django import template
from django.utils.safestring import mark_safe

from portal.pages.markdown import render_markdown

register = template.Library()
MAX_SHOWN = 2000


@register.inclusion_tag("components/markdown.html")
def markdown(text: str) -> dict[str, Any]:
    """What is longer than `MAX_SHOWN` characters is folded, from the end of a block on."""
    start, rest = render_markdown(text, MAX_SHOWN)
    return {"start": mark_safe(start), "rest": mark_safe(rest)}  # noqa: S308 - cleaned by nh3
