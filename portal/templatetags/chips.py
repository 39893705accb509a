"""Styles of marks and labels of lifecycles; built-ins of every template."""

from django import template

from requests_app.display_states.vocabulary import (
    CHECK_MARK_APPEARANCES,
    LIFECYCLE_LABELS,
    Appearance,
    CheckMark,
    Lifecycle,
)

register = template.Library()


@register.filter
def mark_style(mark: str) -> Appearance:
    """`{{ "yes"|mark_style }}`: tone and icon of a `CheckMark`."""
    return CHECK_MARK_APPEARANCES[CheckMark(mark)]


@register.filter
def lifecycle_label(value: str) -> str:
    """The label of a `Lifecycle`."""
    return str(LIFECYCLE_LABELS[Lifecycle(value)])
