"""Short lists of names; built-ins of every template."""

from collections.abc import Sequence

from django import template
from django.utils.translation import gettext as _

from portal.pages.column_pages import FIRST_COLUMNS, PAGE_SIZE

register = template.Library()
MAX_NAMES = 40


@register.filter
def name_list(names: Sequence[object]) -> str:
    """`{{ item.columns|name_list }}`: the first names, separated by commas, and how many more there are."""
    shown = ", ".join(str(name) for name in names[:MAX_NAMES])
    rest = len(names) - MAX_NAMES
    return _("%(names)s and %(n)d more") % {"names": shown, "n": rest} if rest > 0 else shown


@register.inclusion_tag("components/linked_names.html")
def linked_names(names: Sequence[object], url: str) -> dict[str, object]:
    """The first names, and a link to the page that has the others."""
    shown = ", ".join(str(name) for name in names[:MAX_NAMES])
    return {"names": shown, "rest": max(len(names) - MAX_NAMES, 0), "url": url}


@register.inclusion_tag("components/more_columns.html")
def more_columns(columns: Sequence[object], url: str) -> dict[str, object]:
    """How many `first_columns` leaves out, with a link to the page that has them."""
    rest = len(columns) - len(first_columns(columns))
    return {"rest": rest, "total": len(columns), "url": url}


@register.filter
def first_columns(columns: Sequence[object]) -> Sequence[object]:
    """All of up to 200 columns, else the first 50; `more_columns` then leads to the rest."""
    return columns if len(columns) <= PAGE_SIZE else columns[:FIRST_COLUMNS]
