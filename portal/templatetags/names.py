"""Short lists of names, and texts that are stored in English; built-ins of every template."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from fulfilment.messages import is_translated, translate_message
from portal.pages.column_pages import FIRST_COLUMNS, PAGE_SIZE
from requests_app.notifications.event_templates import translate_notification
from requests_app.notifications.models import Notification

register = template.Library()
MAX_NAMES = 40


@register.filter
def name_list(names: Sequence[object]) -> str:
    """`{{ item.columns|name_list }}`: the first names, separated by commas, and how many more there are."""
    shown = ", ".join(str(name) for name in names[:MAX_NAMES])
    rest = len(names) - MAX_NAMES
    return _("%(names)s and %(n)d more") % {"names": shown, "n": rest} if rest > 0 else shown


@register.simple_tag
def message(text: str) -> SafeString:
    """`{% message line.text %}`: what the core or a worker said, in the reader's language, or marked as English."""
    if is_translated(text):
        return format_html('<span dir="auto">{}</span>', translate_message(text))
    return format_html('<span dir="auto" lang="en">{}</span>', text)


@register.simple_tag
def notification_text(notification: Notification) -> SafeString:
    """`{% notification_text notification %}`: in the reader's language, or marked as English."""
    translated = translate_notification(notification.event.verb, notification.text)
    if translated == notification.text and not is_translated(""):
        return format_html('<span lang="en">{}</span>', translated)
    return format_html("{}", translated)


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
