"""Holds: columns that came later to a table, held back from a grant until somebody releases them."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fulfilment.holds import Hold
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.filters import ListFilters, by_id
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import CommentIn, read_body
from portal.api.state_members import Stateful, state_members
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.review.column_holds import get_column_hold, list_visible_column_holds, release_column


class HoldFilters(ListFilters):
    grant = by_id("intent__grant", "The grant that it is held back from.")


class HoldOut(Resource, Stateful):
    """A column that is not added to `grant` until somebody releases it. Names are in lower case, as in AWS."""

    route = "api-hold"
    has_page = False
    grant = Reference(source="intent.grant")
    database = serializers.CharField()
    table = serializers.CharField()
    column = serializers.CharField()
    created_at = TimeOut(source="since")
    ended_at = TimeOut(allow_null=True)
    ended_by = OptionalReference()
    end_reason = EnumOut(Hold.End.values, source="ended_as", allow_null=True)
    comment = TextOut(source="reason")

    def members_of(self, row: Hold) -> dict[str, Any]:
        if row.ended_at:
            return state_members(DisplayState(State.ENDED))
        return state_members(DisplayState(State.NEEDS_ATTENTION, Reason.ON_HOLD), row.text)


class HoldsView(APIView):
    @documented("list_holds", "List holds", listed(HoldOut), parameters=(*LIST, HoldFilters), errors=())
    def get(self, request: Request) -> Any:
        rows = HoldFilters.apply(
            list_visible_column_holds(get_signed_in_person(request)), request.query_params
        )
        return answer_list(request, rows, HoldOut)


class HoldView(APIView):
    @documented("get_hold", "Get a hold", HoldOut)
    def get(self, request: Request, pk: int) -> Response:
        hold, _grant = get_column_hold(get_signed_in_person(request), pk)
        return Response(HoldOut(hold, context={"request": request}).data)


class ReleaseView(APIView):
    @documented(
        "release_hold",
        "Release a hold",
        HoldOut,
        takes=CommentIn,
        description="Adds the column to the grant although it has no classification yet.",
    )
    def post(self, request: Request, pk: int) -> Response:
        reason = read_body(CommentIn, request)["comment"]
        hold = release_column(
            acting_user=get_signed_in_person(request),
            hold_id=pk,
            reason=reason,
            now=get_request_time(request),
        )
        return Response(HoldOut(hold, context={"request": request}).data, status.HTTP_200_OK)
