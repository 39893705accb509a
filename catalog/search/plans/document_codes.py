"""What the codes of documents stand for. Cached in the process, as the meaning of a code never changes.

A code is a hash of what a document says of its facets, made by the database
(`catalog/migrations/sql/document_storage.sql`). Documents that are alike have the same, so that few have to be read,
and a search counts numbers. See ADR 37.
"""

import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from catalog.prepared_statements import prepared
from catalog.search.plans.entitlements import Place, Said

MOST_KEPT = 50_000
"""Codes; some tens of megabytes a process at most."""
_CODED = """SELECT said_code, tag_code, domain, account, kind, coalesce(tier, ''), region::text[], format::text[],
  classification::text[], tag, is_empty FROM catalog_document WHERE id = ANY(%s)"""
_TOLD_APART = ("tier=", "confidentiality=")
"""What two tags say is a facet of its own."""
Value = Said | Place
LANE = 2
"""Bytes that a value has in a number which counts all of them."""
MOST_COUNTED = 2 ** (8 * LANE) - 1
"""Documents, as none may be counted over into the next lane."""


@dataclass(frozen=True, slots=True)
class Coded:
    """What matches: ids, and of each the code of what it says and that of its tags."""

    ids: Sequence[int]
    said: Sequence[int]
    tags: Sequence[int]

    def one_of_each(self) -> list[int]:
        """Ids of documents that have all codes."""
        holders = {*dict(zip(self.said, self.ids, strict=True)).values()}
        return sorted(holders | {*dict(zip(self.tags, self.ids, strict=True)).values()})


@dataclass
class Codes:
    """By code the values that stand for it, as a number with a one in the lane of each; and what else is said of what is
    shown. To add up such numbers is to count all values at once.
    """

    said: dict[int, int] = field(default_factory=dict)
    tags: dict[int, int] = field(default_factory=dict)
    classifications: dict[int, tuple[str, ...]] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)
    _values: list[Value] = field(default_factory=list)
    _lanes: dict[Value, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self.said) + len(self.tags)

    def count(self, found: Coded) -> list[tuple[Value, int]] | None:
        """In how many of these documents, `MOST_COUNTED` at most, each value stands; None where a code is not known."""
        try:
            total = sum(chain(map(self.said.__getitem__, found.said), map(self.tags.__getitem__, found.tags)))
        except KeyError:
            return None
        values = self._values[:]
        lanes = struct.unpack(f"<{len(values)}H", total.to_bytes(LANE * len(values), "little"))
        return [(value, count) for value, count in zip(values, lanes, strict=True) if count]

    def learn(self, found: Coded) -> None:
        """One query for documents of which each has a code of these."""
        with prepared() as cursor:
            cursor.execute(_CODED, [found.one_of_each()])
            rows = cursor.fetchall()
        with self._lock:
            for row in rows:
                self._keep(*row)

    def _keep(self, said: int, tagged: int, domain: int | None, account: int | None, *told: Any) -> None:
        kind, tier, regions, formats, classes, tags, is_empty = told
        values: list[Value] = [Place(domain, account), ("type", kind, "")]
        values += [("tier", tier, "")] if tier else []
        for facet, each in (("region", regions), ("format", formats), ("classification", classes)):
            values += [(facet, value, "") for value in each]
        self.classifications[said] = tuple(classes)
        self.empty.update([said] if is_empty else ())
        self.said[said] = self._ones(values)
        self.tags[tagged] = self._ones(("tag", tag, "") for tag in tags if not tag.startswith(_TOLD_APART))

    def _ones(self, values: Iterable[Value]) -> int:
        return sum(1 << (8 * LANE * self._lane(value)) for value in set(values))

    def _lane(self, value: Value) -> int:
        if value not in self._lanes:
            self._values.append(value)
            self._lanes[value] = len(self._values) - 1
        return self._lanes[value]


_known = Codes()


def counted(found: Coded) -> tuple[Codes, list[tuple[Value, int]] | None]:
    """In how many of these documents each value stands, and the codes; one query where one was met for the first time, and
    None for the counts where its document was altered meanwhile.
    """
    global _known  # noqa: PLW0603 - begun anew when it is full; who counts by the old one goes on
    known = _known
    if (counts := known.count(found)) is not None:
        return known, counts
    if len(known) > MOST_KEPT:
        known = _known = Codes()
    known.learn(found)
    return known, known.count(found)
