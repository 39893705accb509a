"""Why a principal sees a column of a table, or does not, as far as it was read."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import NotFoundError
from lakeformation.explanation.answers import ColumnVisibility, EvidenceSource, Step, StepState
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.openapi import documented
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.permissions.explanation import AccessExplanation, explain_access, get_table_to_explain

PRINCIPAL = OpenApiParameter("principal", str, required=True, description="ARN of an IAM role or user.")
COLUMN = OpenApiParameter("column", str, required=True, description="The column's name.")
VERDICTS = {
    ColumnVisibility.VISIBLE: "sees",
    ColumnVisibility.NOT_VISIBLE: "does_not_see",
    ColumnVisibility.UNKNOWN: "not_known",
}
RESULTS = {StepState.HOLDS: "holds", StepState.LACKS: "lacks", StepState.UNKNOWN: "not_known"}


class ExplanationStepOut(serializers.Serializer[Any]):
    """`source` is what was read for it, `permission` the row of AWS that it speaks of; `observed_at` and `reading` say when
    it was read, and by which.
    """

    result = EnumOut([*RESULTS.values()])
    sentence = serializers.CharField()
    source = EnumOut([source.value for source in EvidenceSource])  # type: ignore[assignment]
    permission = serializers.DictField(allow_null=True)
    observed_at = TimeOut(allow_null=True)
    reading = TextOut()


class AccessPathOut(serializers.Serializer[Any]):
    """Open when all its steps hold. `row_filter` is null for all rows."""

    result = EnumOut([*RESULTS.values()])
    row_filter = TextOut()
    steps = ExplanationStepOut(many=True)


class AccessExplanationOut(serializers.Serializer[Any]):
    """`row_filters`: a row must pass one of them; none for all rows. `rows_not_known` says why they do not tell which rows are
    seen, such as a row-level security policy; null where they do. `notes` decide nothing.
    """

    verdict = EnumOut([*VERDICTS.values()])
    row_filters = serializers.ListField(child=serializers.CharField())
    rows_not_known = TextOut()
    paths = AccessPathOut(many=True)
    notes = ExplanationStepOut(many=True)


class AccessExplanationView(APIView):
    @documented(
        "explain_access",
        "Explain access to a column",
        AccessExplanationOut,
        parameters=(PRINCIPAL, COLUMN),
        description="Explains why a principal can or cannot see a column of the table.",
    )
    def get(self, request: Request, pk: int) -> Response:
        person, column = get_signed_in_person(request), request.query_params.get("column", "").lower()
        found = explain_access(
            person, get_table_to_explain(person, pk), request.query_params.get("principal", "")
        )
        if column not in found.columns:
            raise NotFoundError
        return Response(AccessExplanationOut(_answer(found, column)).data)


def _answer(found: AccessExplanation, column: str) -> dict[str, Any]:
    answer = found.explain_column(column)
    paths = [
        {
            "result": RESULTS[way.state],
            "row_filter": way.rows,
            "steps": [_step(found, step) for step in way.steps],
        }
        for way in answer.paths
    ]
    notes = [_step(found, note) for note in answer.notes]
    return {
        "verdict": VERDICTS[answer.visibility],
        "row_filters": [rows for rows in answer.rows if rows],
        "rows_not_known": answer.row_doubt,
        "paths": paths,
        "notes": notes,
    }


def _step(found: AccessExplanation, step: Step) -> dict[str, Any]:
    read = found.known_facts.readings.get(step.source)
    return {
        "result": RESULTS[step.state],
        "sentence": step.text,
        "source": step.source,
        "permission": step.permission.to_json() if step.permission else None,
        "observed_at": read.at if read else None,
        "reading": read.number if read else None,
    }
