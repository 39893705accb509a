"""Words of which one stands in few documents: found, counted and put in order by one short statement.

It finds what the statement of `catalog.search_sql` finds, in the same order and with the same counts; a test compares.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from catalog.facets import Count
from catalog.prepared import prepared
from catalog.query import AGES, USED_BY
from catalog.scarce_sql import HIT, STATEMENT, SUMS
from catalog.standing import Said, Standing

_TOLD_APART = ("tier=", "confidentiality=")
_PLACE, _KIND, _TIER, _REGION, _FORMAT, _CLASSIFICATION, _TAG = 63, 31, 47, 55, 59, 61, 62
"""Parts by the bits of `GROUPING`: one for each key that was not grouped by."""
_COLUMNS = {
    _REGION: ("region", 5),
    _FORMAT: ("format", 6),
    _CLASSIFICATION: ("classification", 7),
    _TAG: ("tag", 8),
}
_SUMS = (
    ("total", "product"),
    *(("access", access) for access in ("have", "ask", "none")),
    *(("fresh", age) for age in AGES),
    *(("used", least) for least in USED_BY),
)


def find(
    given: dict[str, Any], teams: Iterable[int], standing: Standing, *, limit: int, offset: int
) -> tuple[tuple[Count, ...], list[Sequence[Any]]]:
    """Counts, and rows (id, access, classifications, teams, keys) of one page in the order of relevance.

    `given` are the words: see `catalog.search_sql.word_parameters`; `standing.held` must be known.
    """
    held = list(standing.held or ())
    asked = {
        **given, "teams": sorted(teams), "held": held, "may_ask": standing.may_ask, "limit": limit, "offset": offset,
    }  # fmt: skip
    with prepared() as cursor:
        cursor.execute(STATEMENT, asked)
        found = cursor.fetchall()
    hits = sorted((row for row in found if row[0] == HIT), key=lambda row: row[9])
    return tuple(_counts(found, standing)), [_hit(row) for row in hits]


def _hit(row: Sequence[Any]) -> Sequence[Any]:
    _, pk, teams, access, rank, _, _, classifications, (name,), _ = row
    return pk, access, classifications, teams, (pk > 0, float(rank), name, pk)


def _counts(found: Iterable[Sequence[Any]], standing: Standing) -> Iterator[Count]:
    """As `catalog.counting_sql` counts: what has no value is not counted by it."""
    counted: dict[Said, int] = defaultdict(int)
    for row in found:
        part, documents = row[0], row[9]
        if part in _COLUMNS:
            facet, at = _COLUMNS[part]
            for value in row[at]:
                counted[facet, value, ""] += documents
        elif part == _PLACE:
            for said in standing.facets_of((row[1], row[2])):
                counted[said] += documents
        elif part == SUMS:
            yield from _sums(row[8])
        elif part != HIT and row[3 if part == _KIND else 4]:
            counted["type" if part == _KIND else "tier", row[3 if part == _KIND else 4], ""] += documents
    yield from ((*said, count) for said, count in counted.items() if not _is_hidden(said))


def _sums(each: Sequence[str]) -> Iterator[Count]:
    total, products, *others = map(int, each)
    counts = (products, *others)
    yield from ((*said, "", count) for said, count in zip(_SUMS, counts, strict=True) if count)
    if total > products:
        yield "total", "table", "", total - products


def _is_hidden(said: Said) -> bool:
    """What two tags say is a facet of its own."""
    return said[0] == "tag" and said[1].startswith(_TOLD_APART)
