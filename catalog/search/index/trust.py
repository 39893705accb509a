"""Stores on the search documents how good the data is, whether promises are kept, and how much is made from it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

KEPT, BROKEN = "kept", "broken"


class Trust(NamedTuple):
    """Of a table, or of a product with a minus before its id.

    `quality` is the share of the latest rules that passed, 0 to 100, None if unknown; `promise` is empty if nothing is
    promised; `derived` counts the tables made directly from it.
    """

    document: int
    quality: int | None = None
    promise: str = ""
    derived: int = 0


# In the order of ids: two writers never wait for each other in a ring.
_STORE = """
WITH said AS (
  SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::int[]) AS said(id, quality, promise, derived)
), differing AS (
  SELECT d.id, said.quality, coalesce(said.promise, '') AS promise, coalesce(said.derived, 0) AS derived
  FROM catalog_document d LEFT JOIN said ON said.id = d.id
  WHERE (said.id IS NOT NULL OR d.quality IS NOT NULL OR d.promise <> '' OR d.derived > 0)
    AND (d.quality, d.promise, d.derived)
      IS DISTINCT FROM (said.quality, coalesce(said.promise, ''), coalesce(said.derived, 0))
  ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE catalog_document AS row SET quality = differing.quality, promise = differing.promise, derived = differing.derived
FROM differing WHERE row.id = differing.id"""


def store_trust(told: Iterable[Trust]) -> int:
    """Store what is known of all documents; of those not among them nothing is known. Returns how many differed."""
    rows = list(told)
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []])
        return int(cursor.rowcount)
