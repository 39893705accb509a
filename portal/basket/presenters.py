"""The basket page: its tables and a preview of the request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import list_accepted_terms
from identity.people.models import Person, Team
from portal.basket.forms import BasketForm
from portal.request_form.preview import build_request_draft
from requests_app.policy_engine.required_information import RequiredInformation, merge_required_information
from requests_app.review.decision_times import describe_decision_time
from requests_app.submission.basket import build_requested_item, get_basket
from requests_app.submission.basket_summary import BasketRow, build_basket_rows
from requests_app.submission.offer_checks import get_offer_end
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_items


@dataclass(frozen=True)
class BasketItemRow:
    """`preview`: what would become of it, None if it cannot be requested; `ends_at`: if it ends before the
    rest, because its offer counts by the hour.
    """

    entry: BasketRow
    expected_wait: str
    preview: RequestPreview | None
    ends_at: datetime | None

    @property
    def needs_decision(self) -> bool:
        """Whether a person has to decide on it."""
        return (
            self.entry.is_visible
            and not self.entry.coverage
            and not (self.preview and self.preview.is_immediate)
        )


@dataclass(frozen=True)
class BasketSummary:
    """`requested_count` tables would be requested; `deciding_teams` would decide on them.
    `terms_to_accept` are offer versions whose terms of use the person has yet to accept.
    """

    version: int
    rows: tuple[BasketItemRow, ...]
    requested_count: int
    deciding_teams: tuple[str, ...]
    terms_to_accept: tuple[OfferVersion, ...]
    required_information: RequiredInformation


def build_basket_summary(
    person: Person, team: Team, form: BasketForm, problems: Mapping[int, str], now: datetime
) -> BasketSummary:
    """For the recipient and end date of the form."""
    kept, words = get_basket(person, team), build_request_draft(person, form, None, now)
    rows = build_basket_rows(
        person,
        team,
        principal=words.principal if words else None,
        ends_at=words.ends_at if words else None,
        problems=problems,
    )
    asked = [row for row in rows if not row.coverage]
    ahead = _preview_rows(words, asked)
    shown = tuple(
        BasketItemRow(
            row,
            describe_decision_time(row.expected_wait),
            ahead.get(row.item.table_id),
            _get_earlier_end(row, words),
        )
        for row in rows
    )
    teams = {one.entry.domain.owner_team.name for one in shown if one.entry.domain and one.needs_decision}
    return BasketSummary(
        version=kept.version,
        rows=shown,
        requested_count=len(asked),
        deciding_teams=tuple(sorted(teams)),
        terms_to_accept=_list_terms_to_accept(person, asked),
        required_information=merge_required_information(one.required_information for one in ahead.values()),
    )


def _preview_rows(words: RequestDraft | None, asked: Sequence[BasketRow]) -> Mapping[int, RequestPreview]:
    """Previews by table id."""
    stands = [row for row in asked if not row.problem]
    return (
        preview_items(words, [build_requested_item(row.item) for row in stands]) if words and stands else {}
    )


def _get_earlier_end(row: BasketRow, words: RequestDraft | None) -> datetime | None:
    if words is None:
        return None
    ends_at = get_offer_end(row.item.offer, words.ends_at, words.now)
    return ends_at if ends_at < words.ends_at else None


def _list_terms_to_accept(person: Person, asked: Sequence[BasketRow]) -> tuple[OfferVersion, ...]:
    """One version for each terms text. No query without offers."""
    by_terms = {
        row.item.offer.terms_id: row.item.offer for row in asked if row.item.offer and row.item.offer.terms
    }
    known = list_accepted_terms(person, by_terms.values()) if by_terms else frozenset()
    return tuple(version for terms, version in by_terms.items() if terms not in known)
