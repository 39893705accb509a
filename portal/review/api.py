"""The review of an item with its effects, and the decision, over the API."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from lakeformation.values.row_rules import LONGEST
from portal.api.fields import EndField, TextIn
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import ErrorOut, documented
from portal.api.serializers import EffectsOut, GrantOut, ItemOut, PersonOut, StrictSerializer
from portal.pages.signed_in import person_of
from portal.request_form.api.tables import LONGEST_NAME, MOST_COLUMNS
from portal.requests.api import RemarkIn, item_answer
from requests_app.grants.queries import get_grant
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.comments import return_item
from requests_app.review.may import may_approve_item
from requests_app.review.queries import get_item_for_review
from requests_app.review.summary import Review, build_review
from requests_app.review.terms import MAX_HOURS, NarrowedTerms, compute_terms_digest


class VerdictOut(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class PlannedCallOut(serializers.Serializer[Any]):
    """One AWS call that the workers would make, in the order of the list."""

    account = serializers.CharField()
    operation = serializers.CharField()
    what = serializers.ListField(child=serializers.CharField())


class NeedOut(serializers.Serializer[Any]):
    """Whose yes the rules want, and who has given it to these effects."""

    role = serializers.CharField()
    quorum = serializers.IntegerField()
    said = PersonOut(many=True)
    is_turn = serializers.BooleanField()


class AnswerOut(serializers.Serializer[Any]):
    """What a rule wanted to be said with the ask."""

    label = serializers.CharField()  # type: ignore[assignment]
    answer = serializers.CharField()


class AcceptedOut(serializers.Serializer[Any]):
    """A rule's text that who asked has accepted."""

    digest = serializers.CharField()
    text = serializers.CharField()
    accepted_at = serializers.DateTimeField()


class RulesOut(serializers.Serializer[Any]):
    """Send `rules_hash` back with the approval, and it is refused when the rules say something else by then."""

    rules_hash = serializers.CharField(allow_blank=True)
    happens = serializers.CharField(allow_blank=True)
    fired = serializers.ListField(child=serializers.CharField())
    refusals = serializers.ListField(child=serializers.CharField())
    needs = NeedOut(many=True)
    answers = AnswerOut(many=True)
    accepted = AcceptedOut(many=True)


class ReviewOut(serializers.Serializer[Review]):
    """What stands before the decision. `verdict` is about you, `obstacle` about everyone.

    Send `effects_hash` back with the approval: it binds `approved` of the effects, and the end. A review of less has
    another hash than that of the whole.
    """

    item = ItemOut()
    effects = EffectsOut()
    calls = PlannedCallOut(many=True)
    effects_hash = serializers.CharField()
    approved = serializers.DictField(allow_null=True)
    is_waiting = serializers.BooleanField()
    obstacle = serializers.CharField(allow_blank=True)
    deciders = PersonOut(many=True)
    expected_wait = serializers.DurationField(allow_null=True)
    rules = RulesOut()


class VerdictReviewOut(ReviewOut):
    """Send `terms_digest` as `shown` with a no, or with a wish for a change."""

    verdict = VerdictOut()
    terms_digest = serializers.CharField()


class LessIn(StrictSerializer):
    """Less than was asked: what is left out here stays as asked. Never wider."""

    columns = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_NAME),
        required=False,
        max_length=MOST_COLUMNS,
        help_text="only these of those asked for",
    )
    row_rule = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST,
        help_text="only rows that pass this, too",
    )
    ends_at = EndField(required=False, help_text="an earlier end")
    trial_days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        help_text="for a trial: so many days from the decision on",
    )
    hours = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_HOURS, help_text="so many hours from the decision on"
    )


class ApprovalIn(StrictSerializer):
    """`effects_hash` has to be the one of exactly this: of all that was asked for, or of `less` of it. Members that are
    not listed here are refused.
    """

    less = LessIn(required=False)
    effects_hash = serializers.CharField(
        max_length=64,
        help_text="from the review that you looked at; of less, from the review of the same less",
    )
    comment = TextIn(allow_blank=True, default="")
    widenings = serializers.ListField(
        child=serializers.CharField(max_length=64),
        default=list,
        max_length=1000,
        help_text="keys of the overlaps in the review that you agree to",
    )
    rules_hash = serializers.CharField(
        max_length=64, allow_blank=True, default="", help_text="from the same review: what the rules said"
    )


class LookedIn(StrictSerializer):
    """With `shown`, the `terms_digest` of the review that you looked at, it is refused when the ask was changed since."""

    shown = serializers.CharField(max_length=64, allow_blank=True, default="")


class RejectIn(LookedIn):
    comment = TextIn(allow_blank=True)


class ReturnIn(RemarkIn, LookedIn):
    """What would have to be otherwise."""


class ChangedOut(ErrorOut):
    """The hash is not the one of what you approve: look again, or approve with the hash of the effects that are here.
    Also when someone decided before you.
    """

    effects = EffectsOut(required=False)
    effects_hash = serializers.CharField(required=False)


class ReviewView(APIView):
    @documented(
        "show_review",
        "Who asks, and what a yes makes true; with less of it, if you say what",
        VerdictReviewOut,
        parameters=(LessIn,),
        errors=(400, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        person, now = person_of(request), clock.now()
        item = get_item_for_review(person, pk)
        given = LessIn(data=request.query_params)
        given.is_valid(raise_exception=True)
        less = _less(given.validated_data)
        review = ReviewOut(build_review(item, person, less, now), context={"now": now}).data
        verdict = VerdictOut(may_approve_item(person, item)).data
        return Response({**review, "verdict": verdict, "terms_digest": compute_terms_digest(item)})


class ApproveView(APIView):
    @documented(
        "approve_item",
        "Approve exactly the effects that you saw; 202 while the rules want the yes of others, too",
        {200: GrantOut, 202: ItemOut},
        takes=ApprovalIn,
        errors=(400, 404),
        conflict=ChangedOut,
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = ApprovalIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, now, said = person_of(request), clock.now(), dict(given.validated_data)
        less = _less(said.pop("less", {}))
        grant = approve_item(acting_user=person, item_id=pk, **said, narrowed=less, now=now)
        if grant is None:
            answer = item_answer(request, pk)
            answer.status_code = status.HTTP_202_ACCEPTED
            return answer
        return Response(GrantOut(get_grant(person, grant.pk), context={"now": now}).data)


class RejectView(APIView):
    @documented(
        "reject_item",
        "Reject, with the reason",
        ItemOut,
        takes=RejectIn,
        errors=(400, 404, 409),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = RejectIn(data=request.data)
        given.is_valid(raise_exception=True)
        reject_item(acting_user=person_of(request), item_id=pk, **given.validated_data, now=clock.now())
        return item_answer(request, pk)


class ReturnView(APIView):
    @documented(
        "return_item",
        "Send it back to the asker, with the change that you ask for",
        ItemOut,
        takes=ReturnIn,
        errors=(400, 404, 409),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = ReturnIn(data=request.data)
        given.is_valid(raise_exception=True)
        return_item(acting_user=person_of(request), item_id=pk, **given.validated_data, now=clock.now())
        return item_answer(request, pk)


def _less(said: dict[str, Any]) -> NarrowedTerms:
    values = dict(said)
    if "columns" in values:
        values["columns"] = tuple(values["columns"])
    return NarrowedTerms(**values)
