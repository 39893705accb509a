"""Comparisons of registered tables with their sources."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.registrations.comparisons.actions import request_comparison
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.queries import is_outdated
from catalog.registrations.comparisons.states import ComparisonProblem, ComparisonState
from catalog.registrations.queries import get_registration
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference
from portal.api.serializers import EmptyIn, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

RELATED = ("registration", "source__database", "requested_by")


class RowComparisonOut(serializers.Serializer[Any]):
    """The comparison of one file, as the source and as the registered table read it. Only `same` is a proof: of what is
    `unknown`, `problem` says why. `is_outdated`: the table or its source has changed since.
    """

    id = serializers.IntegerField()
    state = EnumOut(ComparisonState.values)
    problem = EnumOut(ComparisonProblem.values)
    error = TextOut()
    registration = Reference()
    source_table = OptionalReference(source="source")
    file = TextOut()
    source_rows = serializers.IntegerField(allow_null=True)
    table_rows = serializers.IntegerField(allow_null=True)
    differing_columns = serializers.ListField(child=serializers.CharField())
    is_outdated = serializers.SerializerMethodField()
    requested_by = OptionalReference()
    requested_at = TimeOut()
    finished_at = TimeOut(allow_null=True)

    @extend_schema_field(serializers.BooleanField())  # type: ignore[untyped-decorator]
    def get_is_outdated(self, row: RowComparison) -> bool:
        return is_outdated(row, row.registration)


class RowComparisonsView(APIView):
    @documented(
        "list_row_comparisons",
        "List the comparisons of a registered table with its source",
        listed(RowComparisonOut),
        parameters=LIST,
        description="Newest first.",
    )
    def get(self, request: Request, pk: int) -> Any:
        registration = get_registration(get_signed_in_person(request), pk)
        rows = registration.comparisons.select_related(*RELATED).order_by("-pk")
        return answer_list(request, rows, RowComparisonOut)

    @documented(
        "create_row_comparison",
        "Compare a registered table with its source",
        RowComparisonOut,
        takes=EmptyIn,
        status=202,
        description="A worker queries both as the engineers' role. Rows stay in Athena.",
    )
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        made = request_comparison(
            acting_user=get_signed_in_person(request), registration_id=pk, now=get_request_time(request)
        )
        return Response(RowComparisonOut(made, context={"request": request}).data, status.HTTP_202_ACCEPTED)
