"""Whether several items are similar enough for one decision, with the reason when not. Pure."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kernel.verdicts import ALLOWED, Verdict, refusal

MAX_BULK_ITEMS = 25
"""Items in one decision: what one can have looked at."""


@dataclass(frozen=True)
class ItemSimilarity:
    """What has to be the same. `effects`: columns, rows, the whole table, metadata or many tables; `classification`, the highest
    that would be seen; `rules`: which refusals and notes apply. How AWS is called may differ: it decides nothing.
    """

    effects: str
    classification: str | None
    is_outside_organisation: bool
    rules: frozenset[str]
    has_widening: bool = False
    offer: int | None = None

    @property
    def effects_label(self) -> str:
        labels = {
            "columns": _("some columns"),
            "rows": _("some rows"),
            "whole": _("the whole table"),
            "metadata": _("metadata only"),
        }
        return labels.get(self.effects, _("several tables"))


def may_decide_together(found: Sequence[ItemSimilarity]) -> Verdict:
    """Allowed when one look at one of them tells what there is to see of all."""
    if not found:
        return refusal(_("Select something to decide on."))
    if len(found) > MAX_BULK_ITEMS:
        return refusal(_("Decide on at most %(most)s together.") % {"most": MAX_BULK_ITEMS})
    if any(item_similarity.has_widening for item_similarity in found):
        return refusal(
            _("For one of them, more also becomes visible through other access. Decide on it separately.")
        )
    if differing := [
        name
        for name in _get_difference_messages()
        if len({getattr(item_similarity, name) for item_similarity in found}) > 1
    ]:
        return refusal(_get_difference_messages()[differing[0]])
    return ALLOWED


def group_similar(found: Sequence[ItemSimilarity]) -> list[list[int]]:
    """Positions of what may be decided together, the largest group first. What widens stands alone."""
    groups: dict[Hashable, list[int]] = {}
    for position, one in enumerate(found):
        groups.setdefault((one, position) if one.has_widening else one, []).append(position)
    return sorted(groups.values(), key=lambda positions: (-len(positions), positions))


def _get_difference_messages() -> dict[str, str]:
    return {
        "offer": _("They were requested under different offers, or some under none. Decide separately."),
        "effects": _(
            "They request different things: columns, rows, whole tables or metadata. Decide separately."
        ),
        "classification": _("Their highest classification differs. Decide separately."),
        "is_outside_organisation": _("Some go outside the organisation and some do not. Decide separately."),
        "rules": _("Different policy rules apply to them. Decide separately."),
    }
