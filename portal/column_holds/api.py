"""Columns that came later to a table that was granted whole, and letting them in."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import ReasonIn
from portal.pages.signed_in import person_of
from requests_app.grants.queries import get_grant
from requests_app.review.column_holds import list_open_column_holds, release_column


class HoldOut(serializers.Serializer[Any]):
    """`column` in lower case, as AWS lists it; `ended_as` is empty while it waits."""

    id = serializers.IntegerField()
    database = serializers.CharField()
    table = serializers.CharField()
    column = serializers.CharField()
    text = serializers.CharField()
    since = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_as = serializers.CharField(allow_blank=True)


class HoldsView(APIView):
    @documented("list_holds", "Columns that wait before a grant opens them", HoldOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        grant = get_grant(person_of(request), pk)
        return Response(HoldOut(list_open_column_holds([grant]), many=True).data)


class ReleaseView(APIView):
    @documented(
        "release_column",
        "Let a column in that nobody classified yet",
        HoldOut,
        takes=ReasonIn,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        hold = release_column(
            acting_user=person_of(request), hold_id=pk, **given.validated_data, now=clock.now()
        )
        return Response(HoldOut(hold).data)
