"""How risky an approval would be: a number to sort by, and its reasons. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.queries import QueryCache
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.models import RequestItem
from requests_app.policies.evaluation import RuleCache, check_and_store_verdict
from requests_app.targets.checks import check_effects, check_reachable, compute_effects, hide_obstacle

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
    the organisation; and for how many days. `highest_count` of the `column_count` columns have the highest
    classification; zero where they were not counted. `has_row_filter` weighs nothing, and is explained.
    """

    classification: str | None
    whole_table: bool
    has_widening: bool
    is_outside_organisation: bool
    days: int
    highest_count: int = 0
    column_count: int = 0
    has_row_filter: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Risk:
    """`points` to sort by; `level` is high, medium or low; `reasons` are the words, the weightiest first;
    `explanations` are sentences, also on what weighs nothing.
    """

    points: int
    level: str
    reasons: tuple[str, ...]
    explanations: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return {"high": _("High risk"), "medium": _("Medium risk")}.get(self.level, _("Low risk"))


@dataclass(frozen=True)
class RiskReason:
    """`text` is short and stands in a list; `explanation` is a sentence."""

    points: int
    text: str
    explanation: str


def get_highest_classification(classifications: Iterable[str]) -> str | None:
    """The highest of them; None for none."""
    return max(classifications, key=CLASSIFICATION_ORDER.index, default=None)


def parse_risk_facts(stored: Mapping[str, Any]) -> RiskFacts | None:
    """As they were scored; None for an item that was requested before risk was scored."""
    return RiskFacts(**stored) if stored else None


def compute_risk(facts: RiskFacts) -> Risk:
    """The sum of what each fact weighs."""
    reasons = sorted(_list_reasons(facts), key=lambda reason: -reason.points)
    points = sum(one.points for one in reasons)
    return Risk(
        points,
        _get_level(points),
        tuple(one.text for one in reasons if one.points),
        tuple(one.explanation for one in reasons if one.explanation),
    )


def _list_reasons(facts: RiskFacts) -> Iterator[RiskReason]:
    yield _build_data_reason(facts)
    if facts.is_outside_organisation:
        text = _("The account that would read it is outside the organisation.")
        yield RiskReason(OUTSIDE_POINTS, _("outside the organisation"), text)
    if facts.whole_table:
        text = _("Columns that are added later are included.")
        yield RiskReason(WHOLE_TABLE_POINTS, _("future columns"), text)
    if facts.has_widening:
        text = _("Together with its other access, the role would see more than is requested here.")
        yield RiskReason(WIDENING_POINTS, _("more becomes visible through other access"), text)
    duration_points = next((points for least, points in DURATION_POINTS if facts.days >= least), 0)
    yield RiskReason(
        duration_points,
        ngettext("for a day", "for %(n)d days", facts.days) % {"n": facts.days},
        ngettext("The access lasts a day.", "The access lasts %(n)d days.", facts.days) % {"n": facts.days},
    )
    if facts.classification is not None:
        rows = _("Only rows that pass the filter are visible.") if facts.has_row_filter else ""
        yield RiskReason(0, "", rows or _("All rows are visible."))


def _build_data_reason(facts: RiskFacts) -> RiskReason:
    if facts.classification is None:
        return RiskReason(0, "", _("Only names and types are visible, no data."))
    points = CLASSIFICATION_POINTS.get(facts.classification, 0)
    texts = {
        "sensitive": _("sensitive columns"),
        "private": _("private columns"),
        "public": _("public columns"),
    }
    text = texts.get(facts.classification, _("unclassified columns"))
    return RiskReason(points, text, _explain_classification(facts))


def _explain_classification(facts: RiskFacts) -> str:
    if facts.classification == "public":
        return _("All columns are public.")
    if not facts.column_count:
        return {
            "sensitive": _("Some columns are sensitive."),
            "private": _("Some columns are private, none is sensitive."),
        }.get(facts.classification or "", _("Some columns are not classified yet."))
    of = {"n": facts.highest_count, "all": facts.column_count}
    words = {
        "sensitive": ngettext(
            "%(n)d of %(all)d columns is sensitive.", "%(n)d of %(all)d columns are sensitive.", of["n"]
        ),
        "private": ngettext(
            "%(n)d of %(all)d columns is private, none is sensitive.",
            "%(n)d of %(all)d columns are private, none is sensitive.",
            of["n"],
        ),
    }
    unknown = ngettext(
        "%(n)d of %(all)d columns is not classified yet.",
        "%(n)d of %(all)d columns are not classified yet.",
        of["n"],
    )
    return words.get(facts.classification or "", unknown) % of


def _get_level(points: int) -> str:
    if points >= HIGH_RISK_POINTS:
        return "high"
    return "medium" if points >= MEDIUM_RISK_POINTS else "low"


def score_item(item: RequestItem, effects: Effects) -> None:
    """Set the item's risk from `effects`. The item is not saved."""
    facts = build_risk_facts(item, effects)
    item.risk_facts, item.risk = facts.to_json(), compute_risk(facts).points


def check_and_score(
    item: RequestItem, readings: QueryCache | None = None, rule_cache: RuleCache | None = None
) -> None:
    """For an item about to be written. RefusedError if its approval would be refused, or a rule refuses it."""
    check_reachable(item.request.principal, item.table.database.catalog)
    effects = compute_effects(item, readings)
    check_effects(hide_obstacle(item.request.current_requester, item, effects))
    check_and_store_verdict(item, effects, rule_cache)
    score_item(item, effects)


def build_risk_facts(item: RequestItem, effects: Effects) -> RiskFacts:
    """What the weight of the item rests on. No query."""
    request, classes = item.request, list(_iterate_classifications(effects.approved))
    highest = get_highest_classification(classes)
    return RiskFacts(
        classification=highest,
        whole_table=item.target.has_future_columns,
        has_widening=bool(effects.widenings),
        is_outside_organisation=not request.principal.account.in_organisation,
        days=ceil((item.ends_at - request.submitted_at) / timedelta(days=1)),
        highest_count=0 if highest is None else classes.count(highest),
        column_count=len(classes),
        has_row_filter=bool(item.row_filter),
    )


def _iterate_classifications(approved: dict[str, Any]) -> Iterator[str]:
    """Yields the class of each column that would be seen: of the table's, or of all that the LF-Tags reach."""
    yield from approved.get("classification", {}).values()
    for member in approved.get("members", ()):
        yield from member["columns"].values()
