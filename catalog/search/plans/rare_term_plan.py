"""Searches with a rare term: found, counted and sorted by one short statement.

It finds the same as `catalog.search.plans.general_plan`, in the same order and with the same counts. PostgreSQL takes longer
to start a long statement than to find some hundred rows, so nothing is joined or grouped: matches are returned as numbers,
from which facets are counted here.
"""

import struct
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from catalog.search.facet_definitions import FACETS, NESTED, STORED, FacetKind
from catalog.search.facets import Count
from catalog.search.index.models import OWN_FACET_TAGS, VISIBLE_ROW
from catalog.search.plans.general_plan import (
    MAX_FULLY_RANKED,
    OWN_DOMAINS,
    WEIGHTS,
    GeneralPlan,
    rank_by_texts,
)
from catalog.search.plans.matches import (
    Entitlements,
    FacetLabel,
    MatchedRow,
    Matches,
    Origin,
    SearchPlan,
    SearchRequest,
    build_matched_row,
    get_entitlements,
)
from catalog.search.text_queries import LOOKUP, RARE, WORDS, build_text_parameters, parse_tables, read_lookup
from kernel.sql import prepared_cursor

MAX_CACHED = 50_000
"""Codes; some tens of megabytes a process at most."""
_CODED = tuple(one for one in STORED if one.name != "tag")
_READ = f"""SELECT facet_code, tag_code, domain, account, is_empty, classification::text[], tag, {
    ", ".join(
        f"{one.column}::text[]"
        if one.kind == FacetKind.LIST
        else f"array_remove(ARRAY[{one.column}::text], NULL)"
        for one in _CODED
    )
} FROM catalog_document WHERE id = ANY(%s)"""  # noqa: S608
_SKIPPED_TAGS = tuple(f"{key}=" for key in OWN_FACET_TAGS)
Value = FacetLabel | Origin
LANE = 2
"""Bytes for each value in a number that counts all of them."""
MAX_COUNTED = 2 ** (8 * LANE) - 1
"""Documents; more could overflow into the next lane."""
_NESTED_VALUES = {
    (one.name, value): {
        FacetKind.AGE: f"{one.column} >= ages[{at}]",
        FacetKind.LEAST: f"{one.column} >= {value}",
        FacetKind.WORD: f"{one.column} = '{value}'",
    }[one.kind]
    for one in NESTED
    for at, value in enumerate(one.value_labels, start=1)
}
"""Value of a facet → its condition."""
_COUNTS = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _NESTED_VALUES.values())
# The vector is stored beside its row: only a pointer to it is carried along until a row is ranked by it.
_STATEMENT = f"""WITH {WORDS}, {LOOKUP}, {WEIGHTS}, {parse_tables((), has_or=False, is_widened=False)}, mine AS (
  SELECT team_id FROM identity_membership WHERE person_id = %(person)s
), {OWN_DOMAINS.format(teams="IN (TABLE mine)")}, matched AS (
  SELECT id, name, names, domain, fresh, teams, completeness, quality, promise, derived, length, search, facet_code, tag_code
  FROM lookup, parsed, catalog_document
  WHERE rarest <= {RARE} AND terms IS NULL AND {VISIBLE_ROW} AND search @@ sought
), sums AS (
  SELECT count(*) AS n, count(*) FILTER (WHERE id < 0) AS p, array_agg(id) AS ids,
    array_agg(facet_code) AS codes, array_agg(tag_code) AS tags, ARRAY[{_COUNTS}] AS c
  FROM matched, weights
), page AS (
  SELECT id, name::text, teams, {rank_by_texts()} AS rank
  FROM matched, parsed, weights, sums
  WHERE n <= {MAX_FULLY_RANKED} AND (id < 0 OR p < %(limit)s + %(offset)s)
  ORDER BY id > 0, rank DESC, matched.name, id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT marks, rarest, terms, ARRAY(TABLE mine), ids, codes, tags, c, rows.*
FROM lookup, sums, (SELECT array_agg(id), array_agg(rank::text), array_agg(name), array_agg(teams) FROM page) rows"""  # noqa: S608
STATEMENT = " ".join(_STATEMENT.split()).replace("( ", "(").replace(" )", ")")
"""One row (marks, rarest, terms, teams, and the fields of `_Result`). The driver parses statements of more than 4,096
characters at each search.
"""


@dataclass(frozen=True, slots=True)
class CodedDocuments:
    """Ids, and for each document the code of its facet values and the code of its tags."""

    ids: Sequence[int]
    facet_codes: Sequence[int]
    tag_codes: Sequence[int]


@dataclass
class FacetCodes:
    """By code the values that it stands for, as a number with a one in the lane of each value. The sum of such numbers
    counts all values at once. By facet code also what else is shown of a document.
    """

    facets: dict[int, int] = field(default_factory=dict)
    tags: dict[int, int] = field(default_factory=dict)
    classifications: dict[int, tuple[str, ...]] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)
    _values: list[Value] = field(default_factory=list)
    _lanes: dict[Value, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, documents: CodedDocuments) -> list[tuple[Value, int]] | None:
        """In how many of these documents, at most `MAX_COUNTED`, each value is; None if a code is unknown."""
        facets = map(self.facets.__getitem__, documents.facet_codes)
        tags = map(self.tags.__getitem__, documents.tag_codes)
        try:
            total = sum(chain(facets, tags))
        except KeyError:
            return None
        values = self._values[:]
        lanes = struct.unpack(f"<{len(values)}H", total.to_bytes(LANE * len(values), "little"))
        return [(value, count) for value, count in zip(values, lanes, strict=True) if count]

    def read(self, documents: CodedDocuments) -> None:
        """Reads every code of these documents from one document that has it. One query."""
        with_facets = dict(zip(documents.facet_codes, documents.ids, strict=True))
        with_tags = dict(zip(documents.tag_codes, documents.ids, strict=True))
        with prepared_cursor() as cursor:
            cursor.execute(_READ, [sorted({*with_facets.values(), *with_tags.values()})])
            rows = cursor.fetchall()
        with self._lock:
            for row in rows:
                self._add(*row)

    def _add(self, code: int, tag_code: int, domain: int | None, account: int | None, *values: Any) -> None:
        is_empty, classifications, tags, *lists = values
        labels: list[Value] = [Origin(domain, account)]
        for facet, each in zip(_CODED, lists, strict=True):
            labels += [(facet.name, value, "") for value in each]
        self.classifications[code] = tuple(classifications)
        self.empty.update([code] if is_empty else ())
        self.facets[code] = self._number_values(labels)
        self.tags[tag_code] = self._number_values(
            ("tag", tag, "") for tag in tags if not tag.startswith(_SKIPPED_TAGS)
        )

    def _number_values(self, values: Iterable[Value]) -> int:
        number = 0
        for value in set(values):
            if value not in self._lanes:
                self._values.append(value)
                self._lanes[value] = len(self._values) - 1
            number += 1 << (8 * LANE * self._lanes[value])
        return number


_cached = FacetCodes()


@dataclass(frozen=True, slots=True)
class _Result:
    """Where nothing was found all fields but `range_counts` are None."""

    ids: list[int] | None
    facet_codes: list[int] | None
    tag_codes: list[int] | None
    range_counts: list[int]
    page: list[int] | None
    ranks: list[str] | None
    names: list[str] | None
    teams: list[int] | None


class RareTermPlan:
    """For words alone in the order of relevance, of which one is rare and none is a glossary term."""

    def find(self, request: SearchRequest) -> Matches | None:
        """One query; two more for the first search of a set of teams since the catalog changed, one for new codes.

        None also if too much is found, if the teams can read too much, or if a document has changed meanwhile.
        """
        query, page, terms = request.query, request.page, request.query.terms
        is_filtered = query.typed.filters or any(query.chosen(facet) for facet in FACETS)
        if (
            not terms.positive
            or terms.has_or
            or request.has_levels
            or page.after is not None
            or is_filtered
            or query.sort != "relevance"
        ):
            return None
        parameters = build_text_parameters(terms)
        parameters |= {"person": request.person.pk, "limit": page.limit, "offset": page.offset}
        with prepared_cursor(binary=True) as cursor:
            cursor.execute(STATEMENT, parameters)
            marks, rarest, glossary, teams, *result = cursor.fetchone()
        request.lookup = read_lookup(terms, rarest, glossary)
        if not request.lookup.is_rare:
            return None
        return _find_matches(_Result(*result), get_entitlements(frozenset(teams), marks))


def _find_matches(result: _Result, entitlements: Entitlements) -> Matches | None:
    documents = CodedDocuments(result.ids or (), result.facet_codes or (), result.tag_codes or ())
    if entitlements.held is None or len(documents.ids) > min(MAX_COUNTED, MAX_FULLY_RANKED):
        return None
    codes, counts = count_by_codes(documents)
    if counts is None:
        return None
    products = [(pk, code) for pk, code in zip(documents.ids, documents.facet_codes, strict=True) if pk < 0]
    sums = [
        ("total", "product", len(products)),
        ("total", "table", len(documents.ids) - len(products)),
        *((*value, count) for value, count in zip(_NESTED_VALUES, result.range_counts, strict=True)),
    ]
    empty = [pk for pk, code in products if code in codes.empty]
    return Matches(
        (
            *((facet, value, "", count) for facet, value, count in sums if count),
            *entitlements.count_access(documents.ids, empty),
            *_count_values(counts, entitlements),
        ),
        tuple(
            _read_rows(
                result, dict(zip(documents.ids, documents.facet_codes, strict=True)), codes, entitlements
            )
        ),
    )


def _count_values(counts: Iterable[tuple[Value, int]], entitlements: Entitlements) -> list[Count]:
    """Several origins may have the same domain, team or producer."""
    of_origins: dict[FacetLabel, int] = defaultdict(int)
    found: list[Count] = []
    for value, count in counts:
        if isinstance(value, Origin):
            for label in entitlements.labels.get(value, ()):
                of_origins[label] += count
        else:
            found.append((*value, count))
    return found + [(*label, count) for label, count in of_origins.items()]


def _read_rows(
    result: _Result, facet_codes: dict[int, int], codes: FacetCodes, entitlements: Entitlements
) -> Iterator[MatchedRow]:
    page = zip(result.page or (), result.ranks or (), result.names or (), result.teams or (), strict=True)
    for pk, rank, name, teams in page:
        code = facet_codes[pk]
        access = entitlements.get_access(pk, is_empty=code in codes.empty)
        yield build_matched_row(
            pk, access, codes.classifications[code], teams, (pk > 0, float(rank), name, pk)
        )


# Counts facets by the codes of documents. What a code means is cached in the process, as it never changes. A
# code is a hash of the facet values of a document, computed by the database
# (`catalog/migrations/sql/document_storage.sql`). Documents with equal values have equal codes, so few
# documents have to be read, and a search counts numbers. See ADR 37.
def count_by_codes(documents: CodedDocuments) -> tuple[FacetCodes, list[tuple[Value, int]] | None]:
    """The codes, and in how many of these documents each value is. One query if a code is met for the first time. None for
    the counts if its document has changed meanwhile.
    """
    global _cached  # noqa: PLW0603 - replaced when it is full; searches that use the old one go on
    codes = _cached
    if (counts := codes.count(documents)) is not None:
        return codes, counts
    if len(codes.facets) + len(codes.tags) > MAX_CACHED:
        codes = _cached = FacetCodes()
    codes.read(documents)
    return codes, codes.count(documents)


RARE_TERMS: SearchPlan = RareTermPlan()
GENERAL = GeneralPlan()


def find_matches(request: SearchRequest) -> Matches:
    """By the short statement where a term is rare, else by the general one. Both return the same."""
    return RARE_TERMS.find(request) or GENERAL.find(request)
