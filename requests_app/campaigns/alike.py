"""May several lines be kept with one word? Pure: a function of what they show."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from identity.verdicts import ALLOWED, Verdict, refused

Likeness = tuple[int | None, int | None, str | None]
"""Product, or table where there is none; and the highest class that was shown when it was asked for."""


def judged_alike(found: Iterable[Likeness]) -> Verdict:
    """To end, anything goes together; to keep, what one reason can hold for."""
    if len(set(found)) <= 1:
        return ALLOWED
    return refused(_("Keep together only what is of one product and of one class of data: choose fewer."))
