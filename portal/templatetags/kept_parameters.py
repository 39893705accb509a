"""The parameters of the page's address that a form or link to the same page keeps; built-ins of every template."""

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_fields(context: Context, address: str, *own: str) -> SafeString:
    """Hidden fields of a GET form to `address`, whose own fields are `own`."""
    return format_html_join(
        "", '<input type="hidden" name="{}" value="{}">', _list_kept(context, address, own)
    )


@register.simple_tag(takes_context=True)
def kept_query(context: Context, address: str, *own: str) -> SafeString:
    """The same at the end of a query string."""
    kept = _list_kept(context, address, own)
    return format_html("&{}", urlencode(kept)) if kept else SafeString()


def _list_kept(context: Context, address: str, own: tuple[str, ...]) -> list[tuple[str, str]]:
    """None where the form leads to another page, or the template is rendered without a request."""
    request = getattr(context, "request", None)
    if request is None or request.path != address:
        return []
    return [(name, value) for name, values in request.GET.lists() if name not in own for value in values]
