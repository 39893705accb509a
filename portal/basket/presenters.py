"""A basket made ready for its page: each table with its words, and what sending would ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import accepted_by
from identity.people.models import Person, Team
from portal.basket.forms import BasketForm
from portal.pages.durations import in_words
from portal.request_form.forecast import words_of
from requests_app.policy_engine.required_information import RequiredInformation, merge_required_information
from requests_app.submission.basket import build_requested_item, get_basket
from requests_app.submission.basket_summary import BasketRow, build_basket_rows
from requests_app.submission.offer_checks import get_offer_end
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_items


@dataclass(frozen=True)
class CollectedShown:
    """`ahead` says what would become of it, None where it cannot be asked for; `ends_at` where it ends sooner than the
    rest, because its offer counts by the hour.
    """

    row: BasketRow
    wait: str
    ahead: RequestPreview | None
    ends_at: datetime | None

    @property
    def is_for_people(self) -> bool:
        """Whether somebody would have to decide on it."""
        return self.row.is_there and not self.row.covered and not (self.ahead and self.ahead.at_once)


@dataclass(frozen=True)
class BasketShown:
    """`asked` are the tables that sending would ask for; `deciders` the teams that would decide on them.
    `terms` are versions of offers whose terms the person has yet to accept; `demands`, what rules want to be said.
    """

    version: int
    rows: tuple[CollectedShown, ...]
    asked: int
    deciders: tuple[str, ...]
    terms: tuple[OfferVersion, ...]
    demands: RequiredInformation


def basket_shown(
    person: Person, team: Team, form: BasketForm, problems: Mapping[int, str], now: datetime
) -> BasketShown:
    """For the role and the end that the form holds."""
    kept, words = get_basket(person, team), words_of(person, form, None, now)
    rows = build_basket_rows(
        person,
        team,
        principal=words.principal if words else None,
        ends_at=words.ends_at if words else None,
        problems=problems,
    )
    asked = [row for row in rows if not row.covered]
    ahead = _ahead(words, asked)
    shown = tuple(
        CollectedShown(row, in_words(row.wait), ahead.get(row.item.table_id), _sooner(row, words))
        for row in rows
    )
    teams = {one.row.domain.owner_team.name for one in shown if one.row.domain and one.is_for_people}
    return BasketShown(
        version=kept.version,
        rows=shown,
        asked=len(asked),
        deciders=tuple(sorted(teams)),
        terms=_to_accept(person, asked),
        demands=merge_required_information(one.demands for one in ahead.values()),
    )


def _ahead(words: RequestDraft | None, asked: Sequence[BasketRow]) -> Mapping[int, RequestPreview]:
    """By table, of what would be sent."""
    stands = [row for row in asked if not row.problem]
    return (
        preview_items(words, [build_requested_item(row.item) for row in stands]) if words and stands else {}
    )


def _sooner(row: BasketRow, words: RequestDraft | None) -> datetime | None:
    if words is None:
        return None
    ends_at = get_offer_end(row.item.offer, words.ends_at, words.now)
    return ends_at if ends_at < words.ends_at else None


def _to_accept(person: Person, asked: Sequence[BasketRow]) -> tuple[OfferVersion, ...]:
    """One for each text. No query where nothing is asked under an offer."""
    by_terms = {
        row.item.offer.terms_id: row.item.offer for row in asked if row.item.offer and row.item.offer.terms
    }
    known = accepted_by(person, by_terms.values()) if by_terms else frozenset()
    return tuple(version for terms, version in by_terms.items() if terms not in known)
