"""Searches with a rare term: found, counted and sorted by one short statement.

It finds what the statement of `catalog.search.plans.general_search` finds, in the same order and with the same counts; a test compares.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.prepared_statements import prepared
from catalog.search.facets import Count
from catalog.search.plans.document_codes import MOST_COUNTED, Coded, Codes, Value, counted
from catalog.search.plans.entitlements import Place, Said, Standing, standing_of
from catalog.search.plans.general_search import is_rare, word_parameters
from catalog.search.plans.rare_term_sql import STATEMENT
from catalog.search.query import AGES, USED_BY, Terms
from catalog.search.synonyms import Heard, told
from identity.people.models import Person

_SUMS = (*(("fresh", age) for age in AGES), *(("used", least) for least in USED_BY))


@dataclass(frozen=True)
class Found:
    """Counts, and rows (id, access, classifications, teams, keys) of one page in the order of relevance."""

    counts: tuple[Count, ...]
    rows: list[Sequence[Any]]


def find(asked: Terms, person: Person, *, limit: int, offset: int) -> tuple[Heard, Found | None]:
    """What is known of the words; and what they find, or None where this is not the way: no word is rare, terms of the
    glossary are spoken of, they find too much or the person may read too much, or something was altered just now.

    One query; two more for the first search of some teams since the catalog altered, one for codes that are met first.
    """
    given: dict[str, str | int] = {
        **word_parameters(asked),
        "person": person.pk,
        "limit": limit,
        "offset": offset,
    }
    with prepared(binary=True) as cursor:
        cursor.execute(STATEMENT, given)
        marks, rarest, terms, teams, *matched = cursor.fetchone()
    heard = told(marks, rarest, terms)
    if not is_rare(asked, heard):
        return heard, None
    return heard, _found(_Matched(*matched), standing_of(frozenset(teams), marks))


@dataclass(frozen=True, slots=True)
class _Matched:
    """Columns of `catalog.search.plans.rare_term_sql` from the ids on; all but the `sums` are None where there are none."""

    ids: list[int] | None
    said: list[int] | None
    tags: list[int] | None
    sums: list[int]
    page: list[int] | None
    ranks: list[str] | None
    names: list[str] | None
    teams: list[int] | None


def _found(matched: _Matched, standing: Standing) -> Found | None:
    coded = Coded(matched.ids or (), matched.said or (), matched.tags or ())
    if standing.held is None or len(coded.ids) > MOST_COUNTED:
        return None
    codes, counts = counted(coded)
    if counts is None:
        return None
    told = (*_totals(coded, codes, standing.held, may_ask=standing.may_ask), *_facets(counts, standing))
    sums = (
        (facet, value, "", count) for (facet, value), count in zip(_SUMS, matched.sums, strict=True) if count
    )
    return Found((*told, *sums), list(_rows(matched, coded, codes, standing)))


def _facets(counts: Iterable[tuple[Value, int]], standing: Standing) -> list[Count]:
    """As `catalog.search.plans.facet_counts` counts: what has no value is not counted by it."""
    at_places: dict[Said, int] = defaultdict(int)
    told: list[Count] = []
    for value, count in counts:
        if value.__class__ is Place:
            for said in standing.facets_of(value):
                at_places[said] += count
        else:
            told.append((*value, count))
    return told + [(*said, count) for said, count in at_places.items()]


def _totals(coded: Coded, codes: Codes, held: frozenset[int], *, may_ask: bool) -> Iterator[Count]:
    have = held.intersection(coded.ids)
    products = [(pk, said) for pk, said in zip(coded.ids, coded.said, strict=True) if pk < 0]
    empty = sum(said in codes.empty and pk not in have for pk, said in products)
    others = len(coded.ids) - len(have) - empty
    counts = {
        ("total", "product"): len(products),
        ("total", "table"): len(coded.ids) - len(products),
        ("access", "have"): len(have),
        ("access", "ask"): others if may_ask else 0,
        ("access", "none"): empty if may_ask else others + empty,
    }
    return ((facet, value, "", count) for (facet, value), count in counts.items() if count)


def _rows(matched: _Matched, coded: Coded, codes: Codes, standing: Standing) -> Iterator[Sequence[Any]]:
    said_by = dict(zip(coded.ids, coded.said, strict=True))
    page = zip(matched.page or (), matched.ranks or (), matched.names or (), matched.teams or (), strict=True)
    for pk, rank, name, teams in page:
        said = said_by[pk]
        access = standing.access_to(pk, is_empty=said in codes.empty)
        yield pk, access, codes.classifications[said], teams, (pk > 0, float(rank), name, pk)
