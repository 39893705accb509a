"""Counts facets by the codes of documents. What a code means is cached in the process, as it never changes.

A code is a hash of the facet values of a document, computed by the database
(`catalog/migrations/sql/document_storage.sql`). Documents with equal values have equal codes, so few documents have to be
read, and a search counts numbers. See ADR 37.
"""

import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from catalog.search.index.models import OWN_FACET_TAGS
from catalog.search.plans.entitlements import FacetLabel, Origin
from kernel.prepared_statements import prepared_cursor

MAX_CACHED = 50_000
"""Codes; some tens of megabytes a process at most."""
_READ = """SELECT facet_code, tag_code, domain, account, kind, coalesce(tier, ''), region::text[], format::text[],
  classification::text[], tag, is_empty FROM catalog_document WHERE id = ANY(%s)"""
_SKIPPED_TAGS = tuple(f"{key}=" for key in OWN_FACET_TAGS)
Value = FacetLabel | Origin
LANE = 2
"""Bytes for each value in a number that counts all of them."""
MAX_COUNTED = 2 ** (8 * LANE) - 1
"""Documents; more could overflow into the next lane."""


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

    def count(self, found: CodedDocuments) -> list[tuple[Value, int]] | None:
        """In how many of these documents, at most `MAX_COUNTED`, each value is; None if a code is unknown."""
        facets = map(self.facets.__getitem__, found.facet_codes)
        tags = map(self.tags.__getitem__, found.tag_codes)
        try:
            total = sum(chain(facets, tags))
        except KeyError:
            return None
        values = self._values[:]
        lanes = struct.unpack(f"<{len(values)}H", total.to_bytes(LANE * len(values), "little"))
        return [(value, count) for value, count in zip(values, lanes, strict=True) if count]

    def read(self, found: CodedDocuments) -> None:
        """Reads every code of these documents from one document that has it. One query."""
        with_facets = dict(zip(found.facet_codes, found.ids, strict=True))
        with_tags = dict(zip(found.tag_codes, found.ids, strict=True))
        with prepared_cursor() as cursor:
            cursor.execute(_READ, [sorted({*with_facets.values(), *with_tags.values()})])
            rows = cursor.fetchall()
        with self._lock:
            for row in rows:
                self._add(*row)

    def _add(self, code: int, tag_code: int, domain: int | None, account: int | None, *values: Any) -> None:
        kind, tier, regions, formats, classifications, tags, is_empty = values
        labels: list[Value] = [Origin(domain, account), ("type", kind, "")]
        labels += [("tier", tier, "")] if tier else []
        for facet, each in (("region", regions), ("format", formats), ("classification", classifications)):
            labels += [(facet, value, "") for value in each]
        self.classifications[code] = tuple(classifications)
        self.empty.update([code] if is_empty else ())
        self.facets[code] = self._number(labels)
        self.tags[tag_code] = self._number(
            ("tag", tag, "") for tag in tags if not tag.startswith(_SKIPPED_TAGS)
        )

    def _number(self, values: Iterable[Value]) -> int:
        number = 0
        for value in set(values):
            if value not in self._lanes:
                self._values.append(value)
                self._lanes[value] = len(self._values) - 1
            number += 1 << (8 * LANE * self._lanes[value])
        return number


_cached = FacetCodes()


def count_by_codes(found: CodedDocuments) -> tuple[FacetCodes, list[tuple[Value, int]] | None]:
    """The codes, and in how many of these documents each value is. One query if a code is met for the first time. None for
    the counts if its document has changed meanwhile.
    """
    global _cached  # noqa: PLW0603 - replaced when it is full; searches that use the old one go on
    codes = _cached
    if (counts := codes.count(found)) is not None:
        return codes, counts
    if len(codes.facets) + len(codes.tags) > MAX_CACHED:
        codes = _cached = FacetCodes()
    codes.read(found)
    return codes, codes.count(found)
