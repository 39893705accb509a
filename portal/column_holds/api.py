"""Holds: columns that came later to a table, held back from a grant until somebody releases them."""

from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from fulfilment.holds import Hold
from portal.api.endpoints import Endpoints, rows_endpoint
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.filters import ListFilters, by_id
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import CommentIn
from portal.api.state_members import Stateful, state_members
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


HOLDS = Endpoints(HoldOut, lambda person, pk: get_column_hold(person, pk)[0], "hold_id")


class HoldsView(APIView):
    get = rows_endpoint(
        "list_holds", "List holds", HoldOut, list_visible_column_holds, filters=HoldFilters, errors=()
    )


class HoldView(APIView):
    get = HOLDS.read("get_hold", "Get a hold")


class ReleaseView(APIView):
    post = HOLDS.act(
        "release_hold",
        "Release a hold",
        release_column,
        takes=CommentIn,
        names={"comment": "reason"},
        shows_result=True,
        description="Adds the column to the grant although it has no classification yet.",
    )
