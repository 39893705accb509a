"""The page of decisions that were made: query string, filters and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from fulfilment.observations.reading_age import ReadingTimes
from identity.people.models import Person
from portal.inbox.presenters import FilterField
from portal.pages.inbox_query import MAX_PARAMETER_LENGTH
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.display_states.vocabulary import DisplayState
from requests_app.review.access_status import get_access_status
from requests_app.review.decision_history import (
    DecisionQuery,
    DecisionResult,
    DecisionScope,
    list_decided_products,
    map_decided_items,
)


@dataclass(frozen=True)
class DecisionRow:
    """A decision, its item, and the state that it led to."""

    decision: Decision
    item: RequestItem
    state: DisplayState

    @property
    def is_approval(self) -> bool:
        return self.decision.answer == Decision.Answer.APPROVE


@dataclass(frozen=True)
class DecisionHeader:
    """Scope links and filters above the list."""

    query: DecisionQuery
    products: tuple[tuple[str, str], ...]

    @property
    def scope_links(self) -> list[tuple[str, str, bool]]:
        """Label, URL and whether it is current."""
        return [
            (
                str(one.label),
                "?" + build_query_string(DecisionQuery(one, self.query.result)),
                one == self.query.scope,
            )
            for one in DecisionScope
        ]

    @property
    def filters(self) -> list[FilterField]:
        results = tuple((one.value, str(one.label)) for one in DecisionResult)
        return [
            FilterField("result", _("Result"), _("any"), self.query.result, results),
            FilterField("product", _("Product"), _("all products"), self.query.product, self.products),
        ]


def parse_decision_query(said: Mapping[str, str]) -> DecisionQuery:
    """Invalid parameters are ignored."""
    result = said.get("result", "")
    is_teams = said.get("whose") == DecisionScope.TEAMS
    return DecisionQuery(
        scope=DecisionScope.TEAMS if is_teams else DecisionScope.MINE,
        result=result if result in DecisionResult.values else "",
        product=said.get("product", "")[:MAX_PARAMETER_LENGTH],
    )


def build_query_string(query: DecisionQuery) -> str:
    """Without default values."""
    whose = query.scope.value if query.scope != DecisionScope.MINE else ""
    values = {"whose": whose, "result": query.result, "product": query.product}
    return urlencode({name: value for name, value in values.items() if value})


def build_decision_header(person: Person, query: DecisionQuery) -> DecisionHeader:
    return DecisionHeader(query, tuple(list_decided_products(person, query)))


def build_decision_rows(decisions: Sequence[Decision], now: datetime) -> list[DecisionRow]:
    """The same few queries for any number of decisions."""
    items, readings = map_decided_items(decisions), ReadingTimes()
    return [
        DecisionRow(
            one,
            items[one.item_id],
            get_access_status(items[one.item_id], now=now, readings=readings).display_state,
        )
        for one in decisions
    ]
