"""How a grant stands in AWS, and having the workers look at it again."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.errors import NotFoundError
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.pages.signed_in import person_of
from requests_app.grants.end_dates import has_ended
from requests_app.grants.queries import get_grant
from requests_app.grants.status.actions import check_grant, run_test_query
from requests_app.grants.status.proof import build_proof
from requests_app.grants.status.requirements import RequirementMark

MARKS = [mark.value for mark in RequirementMark]


class LevelOut(serializers.Serializer[Any]):
    """L1: read back; L2: the share seen and the link there; L3: queried as the role; L4: seen in CloudTrail."""

    name = serializers.CharField()
    mark = serializers.ChoiceField(choices=MARKS)
    text = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    round = serializers.IntegerField(allow_null=True)


class LineOfStandingOut(serializers.Serializer[Any]):
    """`remedy` says what to do, and is empty where nothing is to be done."""

    mark = serializers.ChoiceField(choices=MARKS)
    text = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class StandingOut(serializers.Serializer[Any]):
    levels = LevelOut(many=True)
    lines = LineOfStandingOut(many=True)


class StandingView(APIView):
    @documented("show_standing", "How far a live grant is proven, and what else must be so", StandingOut)
    def get(self, request: Request, pk: int) -> Response:
        grant = get_grant(person_of(request), pk)
        if has_ended(grant, clock.now()):
            raise NotFoundError
        return Response(StandingOut(build_proof(grant)).data)


class LookView(APIView):
    @documented(
        "look_again", "Have the workers go on with a grant at once", None, status=202, parameters=(KEY,)
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        check_grant(acting_user=person_of(request), grant_id=pk, now=clock.now())
        return Response(status=202)


class QueryView(APIView):
    @documented(
        "query_as_role",
        "Have the workers query as the grant's role: its proof L3",
        None,
        status=202,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        run_test_query(acting_user=person_of(request), grant_id=pk, now=clock.now())
        return Response(status=202)
