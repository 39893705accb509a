"""All rows of a list as a file, read and sent in batches."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse

from portal.pages.csv_cells import escape_formula

FORMATS = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
BATCH = 500
Shown = Callable[[list[Any]], list[dict[str, Any]]]


def build_export_url(route: str, query: str) -> str:
    """The address of all rows under the same filters, up to the name of the format."""
    return f"{reverse(route)}?{f'{query}&' if query else ''}format="


class _Line:
    """What csv writes to: gives the line back."""

    def write(self, line: str) -> str:
        return line


def stream_rows(rows: QuerySet[Any] | Sequence[Any], shown: Shown, kind: str) -> StreamingHttpResponse:
    """`shown` makes results of a batch of rows."""
    return stream_results(chain.from_iterable(map(shown, _batches(rows))), kind)


def stream_results(
    results: Iterable[dict[str, Any]], kind: str, name: str = "results"
) -> StreamingHttpResponse:
    lines = csv_lines(results) if kind == "csv" else ndjson_lines(results)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return StreamingHttpResponse(lines, content_type=f"{FORMATS[kind]}; charset=utf-8", headers=headers)


def csv_lines(results: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Members of members are columns with dotted names, as the first result has them."""
    writer, names = csv.writer(_Line()), None
    for result in results:
        if names is None:
            names = list(_columns(result))
            yield writer.writerow(names)
        yield writer.writerow([escape_formula(_value_at(result, name)) for name in names])


def ndjson_lines(results: Iterable[dict[str, Any]]) -> Iterator[str]:
    for result in results:
        yield f"{json.dumps(result, ensure_ascii=False, default=str)}\n"


def _columns(result: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in result.items():
        if isinstance(value, dict) and value:
            yield from _columns(value, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def _value_at(result: Any, column: str) -> Any:
    for name in column.split("."):
        result = result.get(name) if isinstance(result, dict) else None
    return json.dumps(result, default=str) if isinstance(result, dict) else result


def _batches(rows: QuerySet[Any] | Sequence[Any]) -> Iterator[list[Any]]:
    found = rows.iterator(chunk_size=BATCH) if isinstance(rows, QuerySet) else iter(rows)
    while batch := list(islice(found, BATCH)):
        yield batch
