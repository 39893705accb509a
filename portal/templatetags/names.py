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


@register.filter
def first_columns(columns: Sequence[object]) -> Sequence[object]:
    """All of up to 200 columns, else the first 50; `components/more_columns.html` then says how many there are."""
    return columns if len(columns) <= PAGE_SIZE else columns[:FIRST_COLUMNS]
