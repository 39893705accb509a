"""How far a grant is proven, checking it now, and test queries as its role."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fulfilment.role_queries import TestQuery
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import EnumOut, IdOut, TextOut, TimeOut
from portal.api.grant_answers import GRANTS
from portal.api.openapi import documented
from portal.api.references import Reference
from portal.api.serializers import EmptyIn, read_body
from portal.api.state_members import Stateful, state_members
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.grants.end_dates import has_ended
from requests_app.grants.queries import get_grant
from requests_app.grants.status.actions import check_grant, run_test_query
from requests_app.grants.status.proof import ProofLevel, build_proof
from requests_app.grants.status.requirements import RequirementMark

MARKS = [mark.value for mark in RequirementMark]
LEVELS = {"L1": 1, "L2": 2, "L3": 3, "L4": 4}


class ProofLevelOut(serializers.Serializer[ProofLevel]):
    """Level 1: read back. 2: the share seen and the link there. 3: queried as the role. 4: seen in CloudTrail."""

    level = serializers.SerializerMethodField()
    result = EnumOut(MARKS, source="mark")
    sentence = serializers.CharField(source="text")
    observed_at = TimeOut(source="seen_at", allow_null=True)
    round = TextOut(help_text="the id of the engine's round that saw it")

    def get_level(self, level: ProofLevel) -> int:
        return LEVELS[level.name]


class GrantRequirementOut(serializers.Serializer[Any]):
    """Another requirement for using the grant. `remedy` says what to do, or is null if nothing is needed."""

    result = EnumOut(MARKS, source="mark")
    sentence = serializers.CharField(source="text")
    remedy = TextOut()


class ProofOut(serializers.Serializer[Any]):
    levels = ProofLevelOut(many=True)
    requirements = GrantRequirementOut(many=True)


class TestQueryOut(Stateful):
    """A query as the grant's role: of a column that it includes, and of one that it does not. `outcome` is null until it is
    finished; `error` says why it could not be made.
    """

    id = IdOut()
    requested_by = Reference()
    created_at = TimeOut(source="requested_at")
    finished_at = TimeOut(allow_null=True)
    allowed_column = serializers.CharField()
    refused_column = TextOut()
    outcome = EnumOut(TestQuery.Outcome.values, allow_null=True)
    error = serializers.SerializerMethodField()

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_error(self, query: TestQuery) -> str | None:
        return query.text if query.outcome in _FAILED else None

    def members_of(self, row: TestQuery) -> dict[str, Any]:
        if row.finished_at is None:
            return state_members(DisplayState(State.APPLYING, Reason.QUEUED))
        if row.outcome in _FAILED:
            return state_members(DisplayState(State.FAILED), row.text)
        return state_members(DisplayState(State.ENDED, Reason.SUCCEEDED), row.text)


_FAILED = {TestQuery.Outcome.FAILED, TestQuery.Outcome.NOT_TRUSTED}


def _build_active_proof(person: Person, pk: int) -> Any:
    """NotFoundError for a grant that has ended."""
    grant = get_grant(person, pk)
    if has_ended(grant, clock.now()):
        raise NotFoundError
    return build_proof(grant)


class ProofView(APIView):
    get = Endpoints(ProofOut, _build_active_proof).read(
        "get_grant_proof",
        "Get the proof of a grant",
        description="Says how far an active grant is proven, and what else is required to use it.",
    )


class CheckView(APIView):
    post = GRANTS.act(
        "check_grant",
        "Check a grant now",
        check_grant,
        status=202,
        description="Reads the grant's permissions from AWS now.",
    )


class TestQueriesView(APIView):
    get = rows_endpoint(
        "list_test_queries",
        "List test queries",
        TestQueryOut,
        lambda person, pk: TestQuery.objects.filter(intent=get_grant(person, pk).intent_id).select_related(
            "requested_by"
        ),
    )

    @documented(
        "create_test_query", "Run a test query", TestQueryOut, takes=EmptyIn, status=202, errors=(404,)
    )
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        query = run_test_query(
            acting_user=get_signed_in_person(request), grant_id=pk, now=get_request_time(request)
        )
        address = request.build_absolute_uri(request.path)
        answer = TestQueryOut(query, context={"request": request}).data
        return Response(answer, status.HTTP_202_ACCEPTED, headers={"Location": address, "Retry-After": "5"})
