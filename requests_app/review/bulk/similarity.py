"""Whether several items are similar enough for one decision, with the reason when not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from identity.verdicts import ALLOWED, Verdict, refusal

MAX_BULK_ITEMS = 25
"""Items in one decision: what one can have looked at."""


@dataclass(frozen=True)
class ItemSimilarity:
    """What has to be the same. `effects`: columns, rows, the whole table, metadata or many tables; `classification`, the highest
    that would be seen; `rules`: which refusals and notes apply; `steps`: the kinds of calls to AWS.
    """

    effects: str
    classification: str | None
    is_outside_organisation: bool
    rules: frozenset[str]
    steps: frozenset[str]
    has_widening: bool = False
    offer: int | None = None


def may_decide_together(found: Sequence[ItemSimilarity]) -> Verdict:
    """Allowed when one look at one of them tells what there is to see of all."""
    if not found:
        return refusal(_("Select something to decide on."))
    if len(found) > MAX_BULK_ITEMS:
        return refusal(_("Decide on at most %(most)s together.") % {"most": MAX_BULK_ITEMS})
    if any(one.has_widening for one in found):
        return refusal(
            _("For one of them, more also becomes visible through other access. Decide on it separately.")
        )
    for name, words in _get_difference_messages().items():
        if len({getattr(one, name) for one in found}) > 1:
            return refusal(words)
    return ALLOWED


def _get_difference_messages() -> dict[str, str]:
    return {
        "offer": _("They were requested under different offers, or some under none. Decide separately."),
        "effects": _(
            "They request different things: columns, rows, whole tables or metadata. Decide separately."
        ),
        "classification": _("Their highest classification differs. Decide separately."),
        "is_outside_organisation": _("Some go outside the organization and some do not. Decide separately."),
        "rules": _("Different policy rules apply to them. Decide separately."),
        "steps": _("They need different kinds of steps in AWS. Decide separately."),
    }
