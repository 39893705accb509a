"""A basket made ready for its page: each table with its words, and what sending would ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from catalog.offers.finding import accepted_by
from catalog.offers.models import OfferVersion
from identity.models import Person, Principal, Team
from portal.forms.asking import BasketForm, end_of
from portal.views.products import in_words
from requests_app.basket import basket_of
from requests_app.collected import Collected, collected


@dataclass(frozen=True)
class CollectedShown:
    row: Collected
    wait: str


@dataclass(frozen=True)
class BasketShown:
    """`asked` are the tables that sending would ask for; `deciders` the teams that would decide on them.
    `terms` are versions of offers whose terms the person has yet to accept.
    """

    version: int
    rows: tuple[CollectedShown, ...]
    asked: int
    deciders: tuple[str, ...]
    terms: tuple[OfferVersion, ...]


def basket_shown(person: Person, team: Team, form: BasketForm, problems: Mapping[int, str]) -> BasketShown:
    """For the role and the end that the form holds."""
    kept = basket_of(person, team)
    principal, ends_at = _chosen(form)
    rows = collected(person, team, principal=principal, ends_at=ends_at, problems=problems)
    asked = [row for row in rows if not row.covered]
    teams = {row.domain.owner_team.name for row in asked if row.domain and row.is_there}
    return BasketShown(
        version=kept.version,
        rows=tuple(CollectedShown(row, in_words(row.wait)) for row in rows),
        asked=len(asked),
        deciders=tuple(sorted(teams)),
        terms=_to_accept(person, asked),
    )


def _to_accept(person: Person, asked: Sequence[Collected]) -> tuple[OfferVersion, ...]:
    """One for each text. No query where nothing is asked under an offer."""
    by_terms = {
        row.item.offer.terms_id: row.item.offer for row in asked if row.item.offer and row.item.offer.terms
    }
    known = accepted_by(person, by_terms.values()) if by_terms else frozenset()
    return tuple(version for terms, version in by_terms.items() if terms not in known)


def _chosen(form: BasketForm) -> tuple[Principal | None, datetime | None]:
    values = form.cleaned_data if form.is_bound else form.initial
    principal, last = values.get("principal"), values.get("ends_on")
    if isinstance(principal, int):
        principal = form.fields["principal"].queryset.filter(pk=principal).first()  # type: ignore[attr-defined]
    return principal, end_of(last) if isinstance(last, date) else None
