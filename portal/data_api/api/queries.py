"""Queries of one table: which columns, which rows, and how many; never SQL."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from identity.service_tokens import TokenScope
from kernel import clock
from portal.api.exports import FORMATS, stream_results
from portal.api.fields import EnumOut, ReferenceIn, TextOut, TimeOut, optional
from portal.api.openapi import CURSOR, LIMIT, LIST, documented, listed
from portal.api.pagination import answer_list, answer_page, paginate_sequence, read_format
from portal.api.references import OptionalReference, Reference, Resource, absolute
from portal.api.serializers import StrictSerializer, read_body
from portal.data_api.api.credentials import DataView, get_caller
from portal.pages.request_time import get_request_time
from portal.samples.problem_texts import describe_problem
from requests_app.data_queries.actions import cancel_query
from requests_app.data_queries.filters import Operator
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.queries import Row, get_own_query, list_own_queries, list_rows
from requests_app.data_queries.query_requests import DEFAULT_ROWS, MAX_COLUMNS, QueryRequest, request_query
from requests_app.data_queries.states import QueryProblem, QueryState
from requests_app.data_queries.values import convert_text, get_kind

MEDIA_TYPE = "application/vnd.apache.parquet"
ARROW_TYPES = {
    "boolean": "bool",
    "tinyint": "int8",
    "smallint": "int16",
    "int": "int32",
    "integer": "int32",
    "bigint": "int64",
    "float": "float32",
    "real": "float32",
    "double": "float64",
    "date": "date32",
    "timestamp": "timestamp[ms]",
}
"""By Glue's type. Decimals are built with their arguments, everything else is text."""
_DECIMAL = re.compile(r"decimal(?:\((\d+)(?:,\s*(\d+))?\))?")
QUERY = DataQuery.Kind.QUERY
PARQUET = "parquet"
RESULT_FORMATS = {**FORMATS, PARQUET: MEDIA_TYPE}
RESULT_FORMAT = OpenApiParameter(
    "format", str, enum=["json", *RESULT_FORMATS], description="All rows as a file instead of one page."
)


class FilterIn(StrictSerializer):
    """`value` is a list for `in`, a list of two for `between`, and left out for `is_null` and `not_null`."""

    column = serializers.CharField(max_length=255)
    op = serializers.ChoiceField([one.value for one in Operator])
    value = serializers.JSONField(required=False, allow_null=True)


class QueryIn(StrictSerializer):
    """`table` is an id, or `database.table`. Without `columns`, all that you may read. `principal` is the ARN of the role that reads; without one, the role that may
    read most columns.
    """

    table = ReferenceIn()
    columns = serializers.ListField(
        child=serializers.CharField(max_length=255), required=False, max_length=MAX_COLUMNS
    )
    filters = FilterIn(many=True, required=False)
    limit = serializers.IntegerField(required=False, min_value=1, default=DEFAULT_ROWS)
    principal = optional(serializers.CharField, max_length=600)


class QueryErrorOut(serializers.Serializer[DataQuery]):
    """`details` are AWS's own words."""

    code = EnumOut(QueryProblem.values[1:], source="problem")
    detail = serializers.SerializerMethodField()
    details = TextOut(source="error")

    def get_detail(self, row: DataQuery) -> str:
        return " ".join(describe_problem(row))


class QueryOut(Resource):
    """The rows are at `results_url` from when it succeeded until `expires_at`, for who asked alone."""

    route = "api-query"
    has_page = False
    data_product = OptionalReference(source="product")
    table = Reference()
    principal = Reference()
    lifecycle = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    columns = serializers.ListField(child=serializers.CharField())
    row_count = serializers.IntegerField(allow_null=True)
    scanned_bytes = serializers.IntegerField(allow_null=True)
    created_at = TimeOut(source="requested_at")
    finished_at = TimeOut(allow_null=True)
    expires_at = TimeOut(allow_null=True)
    results_url = serializers.SerializerMethodField()

    def get_lifecycle(self, row: DataQuery) -> str:
        return QueryState.CANCELLED if row.cancelled_at else row.state

    def get_error(self, row: DataQuery) -> Any:
        return QueryErrorOut(row).data if row.problem else None

    def get_results_url(self, row: DataQuery) -> str | None:
        is_kept = row.has_rows(clock.now())
        return absolute(self.context["request"], "api-query-results", row.pk) if is_kept else None


class ResultPageOut(serializers.Serializer[Any]):
    """Each result has the query's columns as members: numbers and booleans as JSON's, decimals and all else as text."""

    results = serializers.ListField(child=serializers.DictField())
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class RowsUnavailable(APIException):
    """Not read yet, or erased again; the detail says which."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "rows_unavailable"


class ParquetUnavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"


class QueryView(DataView):
    token_scope = TokenScope.DATA_READ


class ProductQueriesView(QueryView):
    throttle_scope = "queries"

    @documented(
        "create_query",
        "Query a data product",
        QueryOut,
        takes=QueryIn,
        status=202,
        takes_key=False,
        description="A worker runs it through Athena as your role, with the columns and row filters of its grants. Needs a"
        " session, or a service token of the scope `data:read`.",
    )
    def post(self, request: Request, slug: str) -> Response:
        said, caller = read_body(QueryIn, request), get_caller(request)
        wanted = QueryRequest(**{name: value for name, value in said.items() if value is not None})
        made = request_query(caller=caller, slug=slug, wanted=wanted, now=get_request_time(request))
        own_query = get_own_query(caller, QUERY, made.pk)
        answer = QueryOut(own_query, context={"request": request}).data
        headers = {"Location": answer["url"], "Retry-After": "2"}
        return Response(answer, status.HTTP_202_ACCEPTED, headers=headers)


class QueriesView(QueryView):
    @documented(
        "list_queries",
        "List your queries",
        listed(QueryOut),
        parameters=LIST,
        errors=(),
        description="Yours alone, newest first.",
    )
    def get(self, request: Request) -> Any:
        return answer_list(request, list_own_queries(get_caller(request), QUERY), QueryOut)


class SingleQueryView(QueryView):
    @documented("get_query", "Get a query", QueryOut)
    def get(self, request: Request, pk: int) -> Response:
        own_query = get_own_query(get_caller(request), QUERY, pk)
        headers = {"Retry-After": "2"} if own_query.is_open else {}
        return Response(QueryOut(own_query, context={"request": request}).data, headers=headers)

    @documented(
        "cancel_query",
        "Cancel a query",
        QueryOut,
        description="Its rows can no longer be read, and a worker stops it in Athena.",
    )
    def delete(self, request: Request, pk: int) -> Response:
        caller = get_caller(request)
        get_own_query(caller, QUERY, pk)
        cancel_query(caller=caller, query_id=pk, now=get_request_time(request))
        return Response(QueryOut(get_own_query(caller, QUERY, pk), context={"request": request}).data)


class ResultsView(QueryView):
    @documented(
        "list_query_results",
        "Read the rows of a query",
        {
            200: ResultPageOut,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
            (200, MEDIA_TYPE): OpenApiTypes.BINARY,
        },
        parameters=(LIMIT, CURSOR, RESULT_FORMAT),
        errors=(404, 409),
        description="A page of JSON, or all rows as a file by `format` or `Accept`. In Parquet the columns have the types of the"
        " catalog; arrays, maps and structs are text.",
    )
    def get(self, request: Request, pk: int) -> Any:
        kind, caller = read_format(request, RESULT_FORMATS), get_caller(request)
        query = get_own_query(caller, QUERY, pk)
        rows = list_rows(query, caller, get_request_time(request))
        if rows is None:
            raise RowsUnavailable(_describe_absence(query))
        if kind == PARQUET:
            # Whether pyarrow is here: the demo installs it when it already runs.
            if find_spec("pyarrow") is None:
                raise ParquetUnavailable(
                    _(
                        "The package that writes Parquet is still being installed. Read JSON or CSV, or try again in a minute."
                    )
                )
            file = build_parquet(query.columns, _read_types(query), rows)
            headers = {"Content-Disposition": f'attachment; filename="query-{query.pk}.parquet"'}
            return HttpResponse(file, content_type=MEDIA_TYPE, headers=headers)
        if kind != "json":
            return stream_results(_convert_rows(query, rows), kind, name=f"query-{query.pk}")
        page = paginate_sequence(request, rows)
        return answer_page(request, list(_convert_rows(query, page.rows)), page)


def _read_types(query: DataQuery) -> dict[str, str]:
    return dict(query.table.columns.values_list("name", "type"))


def _convert_rows(query: DataQuery, rows: Iterable[Row]) -> Iterable[dict[str, Any]]:
    types = _read_types(query)
    kinds = [get_kind(types.get(name, "")) for name in query.columns]
    for row in rows:
        cells = zip(query.columns, kinds, row, strict=True)
        yield {name: convert_text(kind, text) for name, kind, text in cells}


def build_parquet(columns: Sequence[str], types: Mapping[str, str], rows: Sequence[Row]) -> bytes:
    """`types` are Glue's, by column. A column with a value that is none of its type stays text, as in JSON."""
    import pyarrow.parquet

    arrays = [
        _build_array(pyarrow, types.get(name, ""), [row[at] for row in rows])
        for at, name in enumerate(columns)
    ]
    file = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays, names=list(columns)), file)
    return file.getvalue()


def _build_array(arrow: Any, column_type: str, texts: Sequence[str | None]) -> Any:
    array = arrow.array(texts, arrow.string())
    try:
        return array.cast(_get_arrow_type(arrow, column_type.lower()))
    except ValueError:
        return array


def _get_arrow_type(arrow: Any, column_type: str) -> Any:
    if found := _DECIMAL.fullmatch(column_type):
        return arrow.decimal128(int(found[1] or 10), int(found[2] or 0))
    return arrow.type_for_alias(ARROW_TYPES.get(column_type, "string"))


def _describe_absence(query: DataQuery) -> str:
    if query.is_open:
        return _("The query has not ended yet. Try again in a few seconds.")
    if query.cancelled_at is not None or query.state == QueryState.CANCELLED:
        return _("The query was cancelled, so it has no rows.")
    if query.state == QueryState.FAILED:
        return " ".join(describe_problem(query))
    return _("The rows have expired, or your access has ended. Run the query again.")
