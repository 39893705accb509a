"""One decision on several items that are alike."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.views import APIView

from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, IdIn, TextIn, TextOut, TimeOut
from portal.api.references import Reference, Resource
from portal.api.serializers import StrictSerializer
from portal.api.state_members import Stateful, state_members
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.review.bulk.actions import cancel_bulk_decision, decide_in_bulk
from requests_app.review.bulk.models import BulkDecision, BulkDecisionItem
from requests_app.review.bulk.queries import get_bulk_decision
from requests_app.review.bulk.similarity import MAX_BULK_ITEMS

RESULTS = {
    BulkDecisionItem.Outcome.WAITING: "waiting",
    BulkDecisionItem.Outcome.DONE: "decided",
    BulkDecisionItem.Outcome.KEPT: "left",
}


class ReviewedItemIn(StrictSerializer):
    """An item with its `effects_hash`. To approve with changes, decide on the item by itself."""

    item = IdIn()
    effects_hash = serializers.CharField(max_length=64, help_text="from its review")


class BulkDecisionIn(StrictSerializer):
    outcome = serializers.ChoiceField(BulkDecision.Answer.choices)
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ReviewedItemIn(), min_length=1, max_length=MAX_BULK_ITEMS
    )
    comment = TextIn(allow_blank=True, default="")


class BulkResultOut(serializers.Serializer[BulkDecisionItem]):
    """The result of one item. `comment` says why an item was `left` undecided."""

    request_item = Reference(source="item")
    result = serializers.SerializerMethodField()
    comment = TextOut(source="message")

    @extend_schema_field(EnumOut([*RESULTS.values()]))  # type: ignore[untyped-decorator]
    def get_result(self, line: BulkDecisionItem) -> str:
        return RESULTS[BulkDecisionItem.Outcome(line.outcome)]


class BulkDecisionOut(Resource, Stateful):
    """A decision on several items. It is carried out at `due_at`; until then you can cancel it."""

    route = "api-bulk-decision"
    outcome = EnumOut(BulkDecision.Answer.values, source="answer")
    comment = TextOut()
    created_at = TimeOut(source="decided_at")
    due_at = TimeOut()
    finished_at = TimeOut(source="done_at", allow_null=True)
    cancelled_at = TimeOut(source="undone_at", allow_null=True)
    results = BulkResultOut(many=True, source="lines")

    def members_of(self, row: BulkDecision) -> dict[str, Any]:
        if row.undone_at:
            return state_members(DisplayState(State.ENDED, Reason.CANCELLED))
        if row.done_at:
            return state_members(DisplayState(State.ENDED, Reason.SUCCEEDED))
        return state_members(DisplayState(State.APPLYING, Reason.QUEUED))


BULK_DECISIONS = Endpoints(BulkDecisionOut, get_bulk_decision, "bulk_decision_id")


class BulkDecisionsView(APIView):
    members: ClassVar = {"effects_hash": "items"}

    post = BULK_DECISIONS.create(
        "create_bulk_decision",
        "Decide on several items",
        decide_in_bulk,
        takes=BulkDecisionIn,
        build=lambda _person, said: {
            "answer": said["outcome"],
            "effects_hashes": {item["item"]: item["effects_hash"] for item in said["items"]},
            "comment": said["comment"],
        },
        is_keyed=True,
        status=202,
        errors=(404,),
        description="Applies one outcome and comment to several similar items.",
    )


class BulkDecisionView(APIView):
    get = BULK_DECISIONS.read("get_bulk_decision", "Get a bulk decision")


class BulkCancellationView(APIView):
    post = BULK_DECISIONS.act("cancel_bulk_decision", "Cancel a bulk decision", cancel_bulk_decision)
