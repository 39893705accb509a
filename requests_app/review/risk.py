"""How risky an approval would be: a number to sort by, and its reasons. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

CLASSIFICATION_ORDER = ("public", "private", "", "sensitive")
"""Classifications from the least to the most; one that nobody has given yet stands before sensitive alone."""
CLASSIFICATION_POINTS = {"public": 0, "private": 10, "": 15, "sensitive": 40}
OUTSIDE_POINTS, WHOLE_TABLE_POINTS, WIDENING_POINTS = 25, 15, 15
DURATION_POINTS = ((365, 10), (180, 6), (90, 3))
"""Days from which on an access is long, with the points that it then has."""
HIGH_RISK_POINTS, MEDIUM_RISK_POINTS = 50, 20


@dataclass(frozen=True)
class RiskFacts:
    """What the weight rests on: the highest classification that would be seen, empty for an unclassified column
    and None for metadata alone; whether columns yet to come are in, something widens it, the account is outside
    the organization; and for how many days.
    """

    classification: str | None
    whole_table: bool
    has_widening: bool
    is_outside_organisation: bool
    days: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Risk:
    """`points` to sort by; `level` is high, medium or low; `reasons` are the words, the weightiest first."""

    points: int
    level: str
    reasons: tuple[str, ...]


def get_highest_classification(classifications: Iterable[str]) -> str | None:
    """The highest of them; None for none."""
    return max(classifications, key=CLASSIFICATION_ORDER.index, default=None)


def parse_risk_facts(stored: Mapping[str, Any]) -> RiskFacts | None:
    """As they were scored; None for an item that was requested before risk was scored."""
    return RiskFacts(**stored) if stored else None


def compute_risk(facts: RiskFacts) -> Risk:
    """The sum of what each fact weighs."""
    found = [
        (
            CLASSIFICATION_POINTS.get(facts.classification, 0) if facts.classification is not None else 0,
            _describe_data(facts),
        ),
        (OUTSIDE_POINTS * facts.is_outside_organisation, _("outside the organization")),
        (WHOLE_TABLE_POINTS * facts.whole_table, _("future columns")),
        (WIDENING_POINTS * facts.has_widening, _("more becomes visible through other access")),
        (
            _get_duration_points(facts.days),
            ngettext("for a day", "for %(n)d days", facts.days) % {"n": facts.days},
        ),
    ]
    points = sum(weight for weight, _words in found)
    told = sorted((one for one in found if one[0]), key=lambda one: -one[0])
    return Risk(points, _get_level(points), tuple(words for _weight, words in told))


def _describe_data(facts: RiskFacts) -> str:
    words = {"sensitive": _("sensitive columns"), "private": _("private columns")}
    return words.get(facts.classification or "", _("unclassified columns"))


def _get_duration_points(days: int) -> int:
    return next((points for least, points in DURATION_POINTS if days >= least), 0)


def _get_level(points: int) -> str:
    if points >= HIGH_RISK_POINTS:
        return "high"
    return "medium" if points >= MEDIUM_RISK_POINTS else "low"
