"""Who decides, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

MAX_NAMED = 3


def describe_deciders(names: Sequence[str]) -> str:
    """One sentence; empty if nobody is known."""
    if not names:
        return ""
    if len(names) == 1:
        return _("%(name)s decides.") % {"name": names[0]}
    if len(names) <= MAX_NAMED:
        return _("%(names)s or %(last)s decides.") % {"names": ", ".join(names[:-1]), "last": names[-1]}
    named = {"names": ", ".join(names[: MAX_NAMED - 1]), "n": len(names) - MAX_NAMED + 1}
    return _("%(names)s or one of %(n)s others decides.") % named
