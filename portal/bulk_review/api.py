"""One decision on several items that are alike."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.fields import TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import ErrorOut, documented
from portal.api.serializers import StrictSerializer
from portal.pages.signed_in import person_of
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH
from requests_app.review.bulk.actions import decide_in_bulk, undo_bulk
from requests_app.review.bulk.models import BulkDecision, BulkItem
from requests_app.review.bulk.queries import get_bulk_decision
from requests_app.review.bulk.similarity import MAX_BULK_ITEMS


class ShownIn(StrictSerializer):
    """An item, and the hash of all that it asks for: of less, decide on it alone."""

    item = serializers.IntegerField(min_value=1)
    effects_hash = serializers.CharField(max_length=64, help_text="from its review")


class BulkIn(StrictSerializer):
    """`key` is yours: sent again under the same key, it is one decision."""

    answer = serializers.ChoiceField(choices=BulkDecision.Answer.choices)
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ShownIn(), min_length=1, max_length=MAX_BULK_ITEMS
    )
    comment = TextIn(allow_blank=True, default="")
    key = serializers.CharField(max_length=MAX_KEY_LENGTH)


class BulkLineOut(serializers.Serializer[Any]):
    """`words` say why it was left as it is."""

    item = serializers.IntegerField(source="item_id")
    outcome = serializers.ChoiceField(choices=BulkItem.Outcome.choices)
    words = serializers.CharField(allow_blank=True)


class BulkOut(serializers.Serializer[Any]):
    """Carried out at `due_at`; until then it can be undone."""

    id = serializers.IntegerField()
    answer = serializers.ChoiceField(choices=BulkDecision.Answer.choices)
    comment = serializers.CharField(allow_blank=True)
    given_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    lines = BulkLineOut(many=True)


class BulkDecisionsView(APIView):
    @documented(
        "decide_in_bulk",
        "Decide on several that are alike, at once",
        BulkOut,
        takes=BulkIn,
        status=201,
        errors=(400, 404),
        conflict=ErrorOut,
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = BulkIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        shown = {one["item"]: one["effects_hash"] for one in said.pop("items")}
        person = person_of(request)
        bulk = decide_in_bulk(acting_user=person, shown=shown, **said, now=clock.now())
        return Response(BulkOut(get_bulk_decision(person, bulk.pk)).data, status.HTTP_201_CREATED)


class BulkDecisionView(APIView):
    @documented("show_bulk", "A decision of yours on several, and what became of each", BulkOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(BulkOut(get_bulk_decision(person_of(request), pk)).data)


class UndoBulkView(APIView):
    @documented("undo_bulk", "Undo it, until it is due", BulkOut, parameters=(KEY,))
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        undo_bulk(acting_user=person, bulk_id=pk, now=clock.now())
        return Response(BulkOut(get_bulk_decision(person, pk)).data)
