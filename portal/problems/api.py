"""Problems: report, read, acknowledge, resolve."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.views import APIView

from catalog.problems import (
    MAX_COLUMN_LENGTH,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    AnswerStatus,
    Problem,
    ProblemReport,
    acknowledge_problem,
    get_answer_status,
    get_problem,
    report_problem,
    resolve_problem,
)
from kernel import clock
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, IdIn, ReferenceIn, optional
from portal.api.references import Reference, Resource, RowOut
from portal.api.serializers import StrictSerializer
from portal.lists.api import list_endpoint
from portal.problems.lists import ProblemList


class DataProductProblemOut(Resource, RowOut):
    """What is wrong with a data product, a table of it or a column. `answer_status` compares the first answer with the answer
    time that the product promised; `answer_due_at` is null if it promised none.
    """

    route = "api-problem"

    class Meta:
        model = Problem
        fields = (
            "state",
            "data_product",
            "table",
            "column",
            "title",
            "description",
            "reported_by",
            "reported_at",
            "answer_due_at",
            "answer_status",
            "acknowledged_by",
            "acknowledged_at",
            "acknowledgement",
            "expected_on",
            "resolved_by",
            "resolved_at",
            "resolution",
        )

    data_product = Reference(source="product")
    answer_status = serializers.SerializerMethodField()

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
    get = list_endpoint(
        "list_problems",
        "List problems",
        DataProductProblemOut,
        ProblemList,
        description="Those of data products that you see, newest first.",
    )
    post = PROBLEMS.create(
        "report_problem",
        "Report a problem",
        report_problem,
        takes=ProblemIn,
        names={"data_product": "slug"},
        build=lambda _person, said: {"slug": said.pop("data_product"), "report": ProblemReport(**said)},
        description="The data owners find it in their inbox.",
    )


class ProblemView(APIView):
    get = PROBLEMS.read("get_problem", "Get a problem")


class AcknowledgeView(APIView):
    post = PROBLEMS.act(
        "acknowledge_problem", "Acknowledge a problem", acknowledge_problem, takes=AcknowledgementIn
    )


class ResolveView(APIView):
    post = PROBLEMS.act("resolve_problem", "Resolve a problem", resolve_problem, takes=ResolutionIn)
