"""Problems: report, read, acknowledge, resolve."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.problems import (
    MAX_COLUMN_LENGTH,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    AnswerStatus,
    Problem,
    ProblemReport,
    ProblemState,
    acknowledge_problem,
    get_answer_status,
    get_problem,
    list_problems,
    report_problem,
    resolve_problem,
)
from kernel import clock
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, IdIn, ReferenceIn, TextOut, TimeOut, optional
from portal.api.filters import ListFilters, by_choice, by_id, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class ProblemFilters(ListFilters):
    state = by_choice("state", ProblemState.values, "Its state.")
    data_product = by_text("product__slug", "The data product.")
    table = by_id("table", "The table.")


class DataProductProblemOut(Resource):
    """What is wrong with a data product, a table of it or a column. `answer_status` compares the first answer with the answer
    time that the product promised; `answer_due_at` is null if it promised none.
    """

    route = "api-problem"
    state = EnumOut(ProblemState.values)
    data_product = Reference(source="product")
    table = OptionalReference()
    column = TextOut()
    title = serializers.CharField()
    description = TextOut()
    reported_by = Reference()
    reported_at = TimeOut()
    answer_due_at = TimeOut(allow_null=True)
    answer_status = serializers.SerializerMethodField()
    acknowledged_by = OptionalReference()
    acknowledged_at = TimeOut(allow_null=True)
    acknowledgement = TextOut()
    expected_on = serializers.DateField(allow_null=True)
    resolved_by = OptionalReference()
    resolved_at = TimeOut(allow_null=True)
    resolution = TextOut()

    @extend_schema_field(EnumOut(AnswerStatus.values))  # type: ignore[untyped-decorator]
    def get_answer_status(self, row: Problem) -> str:
        return get_answer_status(row, clock.now()).value


class ProblemIn(StrictSerializer):
    """Name the data product by its slug. With `table` it is about one of its tables, with `column` about a column of that."""

    data_product = ReferenceIn()
    title = serializers.CharField(max_length=MAX_TITLE_LENGTH)
    description = serializers.CharField(
        max_length=MAX_TEXT_LENGTH, required=False, allow_blank=True, default=""
    )
    table = optional(IdIn)
    column = serializers.CharField(max_length=MAX_COLUMN_LENGTH, required=False, allow_blank=True, default="")


class AcknowledgementIn(StrictSerializer):
    """`expected_on` is the day on which you expect it to be resolved."""

    comment = serializers.CharField(max_length=MAX_TEXT_LENGTH, required=False, allow_blank=True, default="")
    expected_on = optional(serializers.DateField)


class ResolutionIn(StrictSerializer):
    """`comment` says how it was resolved."""

    comment = serializers.CharField(max_length=MAX_TEXT_LENGTH)


PROBLEMS = Endpoints(DataProductProblemOut, get_problem, "problem_id")


class ProblemsView(APIView):
    members: ClassVar = {"slug": "data_product"}

    @documented(
        "list_problems",
        "List problems",
        listed(DataProductProblemOut),
        parameters=(*LIST, ProblemFilters),
        errors=(),
        description="Those of data products that you see, newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = ProblemFilters.apply(list_problems(get_signed_in_person(request)), request.query_params)
        return answer_list(request, rows, DataProductProblemOut)

    @documented(
        "report_problem",
        "Report a problem",
        DataProductProblemOut,
        takes=ProblemIn,
        status=201,
        description="The data owners find it in their inbox.",
    )
    def post(self, request: Request) -> Response:
        said = read_body(ProblemIn, request)
        slug = said.pop("data_product")
        made = report_problem(
            acting_user=get_signed_in_person(request),
            slug=slug,
            report=ProblemReport(**said),
            now=get_request_time(request),
        )
        return PROBLEMS.answer(request, made.pk, status.HTTP_201_CREATED)


class ProblemView(APIView):
    get = PROBLEMS.read("get_problem", "Get a problem")


class AcknowledgeView(APIView):
    post = PROBLEMS.act(
        "acknowledge_problem", "Acknowledge a problem", acknowledge_problem, takes=AcknowledgementIn
    )


class ResolveView(APIView):
    post = PROBLEMS.act("resolve_problem", "Resolve a problem", resolve_problem, takes=ResolutionIn)
