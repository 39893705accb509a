"""How a mark or a lifecycle looks. Known to every template."""

from django import template

from requests_app.display_states.vocabulary import LIFECYCLE_LABELS, MARKS, Lifecycle, Look, Mark

register = template.Library()


@register.filter
def look(mark: str) -> Look:
    """`{{ "yes"|look }}`: tone and icon of a `Mark`."""
    return MARKS[Mark(mark)]


@register.filter
def lifecycle(value: str) -> str:
    """The label of a `Lifecycle`."""
    return str(LIFECYCLE_LABELS[Lifecycle(value)])
