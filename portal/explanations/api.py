"""Why a principal sees a column of a table, or does not, as far as it was read."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.errors import NotFoundError
from lakeformation.explanation.answers import Source, State, Step, Verdict
from portal.api.openapi import documented
from portal.pages.signed_in import person_of
from requests_app.permissions.explanation import AccessExplanation, explain_access, get_table_to_explain

PRINCIPAL = OpenApiParameter("principal", str, required=True, description="ARN of an IAM role or user.")
COLUMN = OpenApiParameter("column", str, required=True)


class StepOut(serializers.Serializer[Any]):
    """`basis` is what was read for it, `permission` the row of AWS that it speaks of; `read_at` and `reading` say when it was read, and by which."""

    state = serializers.ChoiceField(choices=[state.value for state in State])
    text = serializers.CharField()
    basis = serializers.ChoiceField(choices=[source.value for source in Source])
    permission = serializers.DictField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    reading = serializers.IntegerField(allow_null=True)


class WayOut(serializers.Serializer[Any]):
    """Open when all its steps hold. `rows` is the rule of the rows that it shows, empty for all."""

    state = serializers.ChoiceField(choices=[state.value for state in State])
    rows = serializers.CharField(allow_blank=True)
    steps = StepOut(many=True)


class WhyOut(serializers.Serializer[Any]):
    """`rows`: the rules of which a row must pass one, none for all rows. `notes` decide nothing."""

    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    rows = serializers.ListField(child=serializers.CharField())
    ways = WayOut(many=True)
    notes = StepOut(many=True)


class WhyView(APIView):
    @documented(
        "explain_access",
        "Why a principal sees a column, or does not",
        WhyOut,
        errors=(400, 404),
        parameters=(PRINCIPAL, COLUMN),
    )
    def get(self, request: Request, pk: int) -> Response:
        person, column = person_of(request), request.query_params.get("column", "").lower()
        found = explain_access(
            person, get_table_to_explain(person, pk), request.query_params.get("principal", "")
        )
        if column not in found.columns:
            raise NotFoundError
        return Response(WhyOut(_answer(found, column)).data)


def _answer(found: AccessExplanation, column: str) -> dict[str, Any]:
    answer = found.of(column)
    ways = [
        {"state": way.state, "rows": way.rows, "steps": [_step(found, step) for step in way.steps]}
        for way in answer.ways
    ]
    notes = [_step(found, note) for note in answer.notes]
    return {"verdict": answer.verdict, "rows": answer.rows, "ways": ways, "notes": notes}


def _step(found: AccessExplanation, step: Step) -> dict[str, Any]:
    read = found.known.read.get(step.source)
    return {
        "state": step.state,
        "text": step.text,
        "basis": step.source,
        "permission": step.permission.to_json() if step.permission else None,
        "read_at": read.at if read else None,
        "reading": read.number or None if read else None,
    }
