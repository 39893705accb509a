"""All results of a search as a file, read and sent in batches."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.search.query import SearchQuery
from catalog.search.results import Hit
from catalog.search.search import every_hit
from portal.api.openapi import CHOSEN, SORT, TEXT, documented
from portal.api.throttling import SEARCH_POLICY
from portal.pages.signed_in import person_of

FIELDS = (
    "kind", "pk", "slug", "name", "summary", "domain", "tier", "place", "tables", "columns", "sensitive_columns",
    "classifications", "has_access", "teams",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - read as signs, too


class CsvView(APIView):
    throttle_scope = SEARCH_POLICY

    @documented(
        "search_as_csv", "All that a search finds, as CSV", {(200, "text/csv"): OpenApiTypes.STR},
        errors=(), parameters=(TEXT, *CHOSEN, SORT),
    )  # fmt: skip
    def get(self, request: Request) -> StreamingHttpResponse:
        return _file(csv_lines(_hits(request)), "text/csv; charset=utf-8", "search.csv")


class LinesView(APIView):
    throttle_scope = SEARCH_POLICY

    @documented(
        "search_as_lines", "All that a search finds, one JSON object a line",
        {(200, "application/x-ndjson"): OpenApiTypes.STR}, errors=(), parameters=(TEXT, *CHOSEN, SORT),
    )  # fmt: skip
    def get(self, request: Request) -> StreamingHttpResponse:
        lines = (f"{json.dumps(_values(hit), ensure_ascii=False)}\n" for hit in _hits(request))
        return _file(lines, "application/x-ndjson", "search.ndjson")


class _LineWriter:
    """A file for `csv` that returns the line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(hits: Iterable[Hit]) -> Iterator[str]:
    writer = csv.writer(_LineWriter())
    yield writer.writerow(["id" if name == "pk" else name for name in FIELDS])
    for hit in hits:
        yield writer.writerow([escape_formula(value) for value in _values(hit).values()])


def escape_formula(value: Any) -> str:
    """A cell that no spreadsheet reads as a formula."""
    text = " ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _values(hit: Hit) -> dict[str, Any]:
    values = {("id" if name == "pk" else name): getattr(hit, name) for name in FIELDS}
    return {**values, "classifications": list(hit.classifications)}


def _hits(request: Request) -> Iterator[Hit]:
    query = SearchQuery.from_parameters(dict(request.query_params.lists()))
    return every_hit(query, person=person_of(request))


def _file(lines: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=kind, headers=headers)
