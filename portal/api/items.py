"""Items: the inbox, the review with its effects, and the decisions."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.documented import AFTER, LIMIT, ErrorOut, documented
from portal.api.paging import oldest_first, page_answer, page_of
from portal.api.shapes import EffectsOut, GrantOut, ItemOut, PersonOut, TextIn, WaitingOut
from portal.people import person_of
from requests_app.actions import approve_item, reject_item, withdraw_item
from requests_app.loaders import grant_for, inbox_of, item_for_review
from requests_app.may import may_approve_item
from requests_app.review import Review, review_of


class VerdictOut(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class PlannedCallOut(serializers.Serializer[Any]):
    """One AWS call that the workers would make, in the order of the list."""

    account = serializers.CharField()
    operation = serializers.CharField()
    what = serializers.ListField(child=serializers.CharField())


class ReviewOut(serializers.Serializer[Review]):
    """What stands before the decision. `verdict` is about you, `obstacle` about everyone."""

    item = ItemOut()
    effects = EffectsOut()
    calls = PlannedCallOut(many=True)
    effects_hash = serializers.CharField()
    approved = serializers.DictField(allow_null=True)
    is_waiting = serializers.BooleanField()
    obstacle = serializers.CharField(allow_blank=True)
    deciders = PersonOut(many=True)
    expected_wait = serializers.DurationField(allow_null=True)


class VerdictReviewOut(ReviewOut):
    verdict = VerdictOut()


class ApprovalIn(serializers.Serializer[Any]):
    effects_hash = serializers.CharField(max_length=64, help_text="from the review that you looked at")
    comment = TextIn(allow_blank=True, default="")
    widenings = serializers.ListField(
        child=serializers.CharField(max_length=64),
        default=list,
        max_length=1000,
        help_text="keys of the overlaps in the review that you agree to",
    )


class ReasonIn(serializers.Serializer[Any]):
    comment = TextIn(allow_blank=True)


class ChangedOut(ErrorOut):
    """The effects are others than those you saw: look again. Also when someone decided before you."""

    effects = EffectsOut(required=False)


class InboxView(APIView):
    @documented(
        "list_inbox",
        "Items that wait for your decision, longest first",
        page_of(WaitingOut),
        parameters=(LIMIT, AFTER),
    )
    def get(self, request: Request) -> Response:
        rows, following = oldest_first(inbox_of(person_of(request)), request)
        return page_answer(WaitingOut(rows, many=True, context={"now": clock.now()}).data, following)


class ReviewView(APIView):
    @documented("show_review", "Who asks, and what a yes makes true", VerdictReviewOut)
    def get(self, request: Request, pk: int) -> Response:
        person = person_of(request)
        item = item_for_review(person, pk)
        review = ReviewOut(review_of(item), context={"now": clock.now()}).data
        return Response({**review, "verdict": VerdictOut(may_approve_item(person, item)).data})


class ApproveView(APIView):
    @documented(
        "approve_item",
        "Approve exactly the effects that you saw",
        GrantOut,
        takes=ApprovalIn,
        errors=(400, 404),
        conflict=ChangedOut,
    )
    def post(self, request: Request, pk: int) -> Response:
        given = ApprovalIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, now = person_of(request), clock.now()
        grant = approve_item(acting_user=person, item_id=pk, **given.validated_data, now=now)
        return Response(GrantOut(grant_for(person, grant.pk), context={"now": now}).data)


class RejectView(APIView):
    @documented("reject_item", "Reject, with the reason", ItemOut, takes=ReasonIn, errors=(400, 404, 409))
    def post(self, request: Request, pk: int) -> Response:
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        reject_item(acting_user=person_of(request), item_id=pk, **given.validated_data, now=clock.now())
        return _item(request, pk)


class WithdrawView(APIView):
    @documented("withdraw_item", "Take back what you asked for", ItemOut, errors=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        withdraw_item(acting_user=person_of(request), item_id=pk, now=clock.now())
        return _item(request, pk)


def _item(request: Request, pk: int) -> Response:
    item = item_for_review(person_of(request), pk)
    return Response(ItemOut(item, context={"now": clock.now()}).data)
