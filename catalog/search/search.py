"""The search: one page of hits, with facets, corrections and the terms of the glossary."""

import json
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter

from catalog.prepared_statements import prepared
from catalog.search.facets import Facet, facets_of
from catalog.search.plans import general_search, rare_term_search
from catalog.search.query import SearchQuery, Terms, terms
from catalog.search.results import FEW, Hit, HitPage, Keys, Matches, PageRange, SearchResult, matched_row
from catalog.search.snippets import Sought
from catalog.search.spelling import corrections, likelier
from catalog.search.synonyms import Heard, heard_of, synonyms_of
from identity.people.may import teams_of
from identity.people.models import Person

MOST_EXPORTED = 100_000
EXPORT_BATCH = 200


def search(
    query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0, after: Keys | None = None
) -> SearchResult:
    """One page of what matches, and the counts of the whole; misspelt words are put right when nothing matches.

    The page begins `after` the row with these keys, `following` of the page before, when they are given.
    Seven queries when something is found, whatever it is, and five when it was shown before; two less where a word is rare
    (see `catalog.search.plans.rare_term_search`); with up to `FEW` hits, two more for a likelier word.
    """
    page = PageRange(limit, max(offset, 0), after)
    found = _search(query, person, page)
    if found.total > FEW or not query.typed.words:
        return found
    asked = terms(query.typed.words)
    if found.total:
        return replace(found, did_you_mean=likelier(query.text, asked))
    for better in corrections(query.text, asked):
        instead = _search(replace(query, text=better), person, page)
        if instead.total:
            return replace(instead, corrected=better)
    return found


def facets(query: SearchQuery, *, person: Person) -> tuple[Facet, ...]:
    """The facets alone, by two queries."""
    asked = terms(query.typed.words)
    spoken = heard_of(asked).terms
    with prepared() as cursor:
        given = general_search.parameters(query, asked, spoken, teams_of(person), limit=0, offset=0)
        cursor.execute(general_search.counts_statement(query, spoken), given)
        counts = cursor.fetchall()
    return facets_of(query, counts)


def every_hit(query: SearchQuery, *, person: Person) -> Iterator[Hit]:
    """Everything that matches, in its order and without reasons; `MOST_EXPORTED` at most, read in batches."""
    asked = terms(query.typed.words)
    spoken = heard_of(asked).terms
    given = general_search.parameters(query, asked, spoken, teams_of(person), limit=MOST_EXPORTED, offset=0)
    with prepared() as cursor:
        cursor.execute(general_search.page_statement(query, spoken), given)
        rows = [matched_row((*row[:4], json.loads(row[4]))) for row in cursor.fetchall()]
    nothing = Sought(terms(""))
    for start in range(0, len(rows), EXPORT_BATCH):
        yield from HitPage(rows[start : start + EXPORT_BATCH], nothing).hits()


def matches(query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0) -> Matches:
    """What one page holds and how much there is, by two queries; without the texts that tell it."""
    _, found = _matches(query, terms(query.typed.words), person, PageRange(limit, max(offset, 0), None))
    return found


def _matches(query: SearchQuery, asked: Terms, person: Person, page: PageRange) -> tuple[Heard, Matches]:
    if asked.positive and not asked.is_either and page.after is None and general_search.is_plain(query):
        heard, found = rare_term_search.find(asked, person, limit=page.limit, offset=page.offset)
        if found is not None:
            return heard, Matches(found.counts, tuple(map(matched_row, found.rows)))
    else:
        heard = heard_of(asked)
    is_rare = general_search.is_rare(asked, heard)
    return heard, _matches_at_length(query, asked, heard, teams_of(person), page, is_rare=is_rare)


def _matches_at_length(
    query: SearchQuery, asked: Terms, heard: Heard, teams: frozenset[int], page: PageRange, *, is_rare: bool
) -> Matches:
    given = general_search.parameters(query, asked, heard.terms, teams, limit=page.limit, offset=page.offset)
    goes_on = general_search.after_parameters(query, page.after) if page.after is not None else {}
    statement = general_search.statement(query, heard.terms, goes_on=bool(goes_on), is_rare=is_rare)
    with prepared() as cursor:
        cursor.execute(statement, given | goes_on)
        found = cursor.fetchall()
    hits = sorted((row for row in found if row[0] == "hit"), key=itemgetter(3))
    rows = [matched_row(json.loads(row[1])) for row in hits]
    return Matches(tuple(row for row in found if row[0] != "hit"), tuple(rows))


def _search(query: SearchQuery, person: Person, page: PageRange) -> SearchResult:
    asked = terms(query.typed.words)
    heard, matched = _matches(query, asked, person, replace(page, limit=page.limit + 1))
    spoken = heard.terms
    rows = list(matched.rows[: page.limit])
    totals = {value: count for facet, value, _, count in matched.counts if facet == "total"}
    found = HitPage(rows, Sought(asked, synonyms_of(spoken)), spoken, query.typed.filters)
    return SearchResult(
        query=query,
        hits=tuple(found.hits()),
        total=sum(totals.values()),
        products=totals.get("product", 0),
        facets=facets_of(query, matched.counts),
        terms=spoken,
        is_estimated=any(facet == "estimated" for facet, *_ in matched.counts),
        following=rows[-1].keys if 0 < page.limit < len(matched.rows) else None,
    )
