"""Review an item: what you approve, previewed with changes, and your decision."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Person
from lakeformation.values.row_filters import MAX_LENGTH
from portal.api.access_shapes import GrantOut, RequestItemOut
from portal.api.fields import DurationIn, DurationOut, EndField, EnumOut, TextIn, TextOut, TimeOut
from portal.api.idempotency import key_of
from portal.api.openapi import ProblemOut, documented
from portal.api.problems import ChangedError
from portal.api.references import Reference, ReferenceOut, refer_to
from portal.api.serializers import EffectsOut, StrictSerializer, read_body
from portal.api.state_members import ROLES
from portal.inbox.api import ReviewSummaryOut, RiskOut
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.api.inputs import LONGEST_NAME, MOST_COLUMNS
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.comments import request_changes
from requests_app.review.may import may_approve_item
from requests_app.review.queries import get_item_for_review, get_item_with_columns
from requests_app.review.summary import Review, build_review
from requests_app.review.terms import MAX_HOURS, NarrowedTerms, compute_terms_hash

LONGEST_TRIAL_DAYS = 3650
NARROWED_MEMBERS = {"items": "", "principal": "", "trial_days": "trial_duration", "hours": "duration"}
OUTCOMES = ("approve", "reject", "request_changes")
APPROVAL_ONLY = ("effects_hash", "policy_hash", "widenings", "columns", "row_filter", "expires_at", "trial_duration", "duration")  # fmt: skip


class MayOut(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = TextOut()


class PlannedCallOut(serializers.Serializer[Any]):
    """One AWS call that the portal would make, in the order of the list."""

    account = serializers.CharField()
    operation = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField(), source="changes")


class RequiredApprovalOut(serializers.Serializer[Any]):
    """Whose approval policies require, and who has given it to these effects."""

    role = serializers.SerializerMethodField()
    quorum = serializers.IntegerField()
    approved_by = serializers.ListField(child=Reference(), source="approvers")
    is_turn = serializers.BooleanField()

    @extend_schema_field(EnumOut(("data_owner", "lead", "privacy_officer", "steward")))  # type: ignore[untyped-decorator]
    def get_role(self, row: Any) -> str:
        return str(ROLES.get(row.role, row.role))


class GivenFieldOut(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField(source="answer")


class AcceptedTextOut(serializers.Serializer[Any]):
    text_hash = serializers.CharField(source="digest")
    text = serializers.CharField()
    accepted_at = TimeOut()


class PolicyVerdictOut(serializers.Serializer[Any]):
    """What policies say: `rules` are those that apply, `refusals` why nobody can approve just now."""

    sentence = TextOut(source="outcome_text")
    rules = serializers.ListField(child=serializers.CharField(), source="fired_rules")
    refusals = serializers.ListField(child=serializers.CharField())
    required_approvals = RequiredApprovalOut(many=True, source="needs")
    required_fields = GivenFieldOut(many=True, source="answers")
    required_texts = AcceptedTextOut(many=True, source="text_acceptances")


class ReviewOut(ReviewSummaryOut):
    """A review. Send `effects_hash`, `policy_hash` and `terms_hash` with your decision: it is refused if what they name has
    changed. `may_decide` is about you, `obstacle` about everyone. `approved_effects` is what was agreed to, null before.
    """

    effects = serializers.SerializerMethodField()
    planned_calls = serializers.SerializerMethodField()
    effects_hash = serializers.SerializerMethodField()
    policy_hash = serializers.SerializerMethodField()
    terms_hash = serializers.SerializerMethodField()
    policy = serializers.SerializerMethodField()
    approved_effects = serializers.SerializerMethodField()
    may_decide = serializers.SerializerMethodField()
    obstacle = serializers.SerializerMethodField()
    deciders = serializers.SerializerMethodField()
    expected_wait = serializers.SerializerMethodField()

    @property
    def review(self) -> Review:
        found: Review = self.context["review"]
        return found

    @extend_schema_field(RiskOut())  # type: ignore[untyped-decorator]
    def get_risk(self, _item: RequestItem) -> Any:
        """Returns the risk of what the review shows, with the changes of a preview."""
        return RiskOut(self.review.risk).data

    @extend_schema_field(EffectsOut())  # type: ignore[untyped-decorator]
    def get_effects(self, _item: RequestItem) -> Any:
        return EffectsOut(self.review.effects).data

    @extend_schema_field(PlannedCallOut(many=True))  # type: ignore[untyped-decorator]
    def get_planned_calls(self, _item: RequestItem) -> Any:
        return PlannedCallOut(self.review.calls, many=True).data

    def get_effects_hash(self, _item: RequestItem) -> str:
        return self.review.effects_hash

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_policy_hash(self, _item: RequestItem) -> str | None:
        return self.review.policy_summary.policy_hash or None

    def get_terms_hash(self, _item: RequestItem) -> str:
        return str(self.context["terms_hash"])

    @extend_schema_field(PolicyVerdictOut())  # type: ignore[untyped-decorator]
    def get_policy(self, _item: RequestItem) -> Any:
        return PolicyVerdictOut(self.review.policy_summary, context=self.context).data

    @extend_schema_field(serializers.DictField(allow_null=True))  # type: ignore[untyped-decorator]
    def get_approved_effects(self, _item: RequestItem) -> dict[str, Any] | None:
        return self.review.approved

    @extend_schema_field(MayOut())  # type: ignore[untyped-decorator]
    def get_may_decide(self, _item: RequestItem) -> Any:
        return MayOut(self.context["verdict"]).data

    @extend_schema_field(TextOut())  # type: ignore[untyped-decorator]
    def get_obstacle(self, _item: RequestItem) -> str | None:
        return self.review.obstacle or None

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_deciders(self, _item: RequestItem) -> list[dict[str, str | None]]:
        return [refer_to(decider, self.context["request"]) for decider in self.review.deciders]

    @extend_schema_field(DurationOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_expected_wait(self, _item: RequestItem) -> str | None:
        wait = self.review.expected_wait
        return DurationOut().to_representation(wait.median) if wait is not None else None


class NarrowedIn(StrictSerializer):
    """Changes that narrow the request. Members that you leave out stay as requested."""

    columns = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_NAME),
        required=False,
        max_length=MOST_COLUMNS,
        help_text="only these of those requested",
    )
    row_filter = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=MAX_LENGTH,
        help_text="only rows that pass this, too",
    )
    expires_at = EndField(required=False, help_text="an earlier end")
    trial_duration = DurationIn(
        "days", LONGEST_TRIAL_DAYS, required=False, help_text="for a trial, from the decision on: whole days"
    )
    duration = DurationIn("hours", MAX_HOURS, required=False, help_text="from the decision on: whole hours")


class DecisionIn(NarrowedIn):
    """Your decision. `approve` needs `effects_hash`, of exactly what you approve: of the whole item, or of a preview with the
    same narrower members. `reject` and `request_changes` need a comment.
    """

    outcome = serializers.ChoiceField(OUTCOMES)
    comment = TextIn(allow_blank=True, default="")
    effects_hash = serializers.CharField(max_length=64, required=False)
    policy_hash = serializers.CharField(max_length=64, required=False, allow_null=True)
    terms_hash = serializers.CharField(max_length=64, required=False)
    widenings = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=1000,
        help_text="keys of what also becomes visible, if you agree to it",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["outcome"] == "approve":
            if "effects_hash" not in attrs:
                raise serializers.ValidationError({"effects_hash": _("An approval needs it.")}, "required")
            return attrs
        if wrong := [name for name in APPROVAL_ONLY if name in attrs]:
            raise serializers.ValidationError(dict.fromkeys(wrong, _("Only an approval takes it.")))
        return attrs


class RecordedDecisionOut(serializers.Serializer[Any]):
    """A recorded decision and its result. `grant` is null while others must approve, and after any other outcome."""

    outcome = EnumOut(OUTCOMES)
    decided_by = Reference()
    decided_at = TimeOut()
    comment = TextOut()
    request_item = RequestItemOut()
    grant = GrantOut(allow_null=True)


class EffectsChangedOut(ProblemOut):
    """The item's state, or what you looked at, has changed. For `effects_changed` the effects that it would have now come
    along: review them, and decide with the new hash.
    """

    effects = EffectsOut(required=False)
    effects_hash = serializers.CharField(required=False)
    terms_hash = serializers.CharField(required=False)


class ReviewView(APIView):
    @documented("get_review", "Get a review", ReviewOut)
    def get(self, request: Request, pk: int) -> Response:
        return _review_answer(request, pk, NarrowedTerms())


class ReviewPreviewView(APIView):
    members: ClassVar = NARROWED_MEMBERS

    @documented(
        "preview_review",
        "Preview an approval with changes",
        ReviewOut,
        takes=NarrowedIn,
        description="Shows what you would approve with these changes. Nothing is written.",
    )
    def post(self, request: Request, pk: int) -> Response:
        return _review_answer(request, pk, _narrowed(read_body(NarrowedIn, request)))


class DecisionsView(APIView):
    members: ClassVar = {**NARROWED_MEMBERS, "shown": "terms_hash"}

    @documented(
        "create_decision",
        "Decide on an item",
        RecordedDecisionOut,
        takes=DecisionIn,
        status=201,
        errors=(404,),
        conflict=EffectsChangedOut,
        description="Approve it, reject it, or ask the requester for a change.",
    )
    def post(self, request: Request, pk: int) -> Response:
        person, now = get_signed_in_person(request), get_request_time(request)
        body = read_body(DecisionIn, request)
        _check_terms(person, pk, body.get("terms_hash", ""))
        grant = _decide(person, pk, body, key_of(request), now)
        item = get_item_for_review(person, pk)
        found = {
            "outcome": body["outcome"],
            "decided_by": person,
            "decided_at": now,
            "comment": body["comment"],
            "request_item": item,
            "grant": item.grant if grant else None,
        }
        context = {"request": request, "now": now}
        return Response(RecordedDecisionOut(found, context=context).data, status.HTTP_201_CREATED)


def _decide(person: Person, pk: int, said: dict[str, Any], key: str, now: datetime) -> Grant | None:
    words = {"acting_user": person, "item_id": pk, "comment": said["comment"], "now": now}
    if said["outcome"] == "approve":
        return approve_item(
            effects_hash=said["effects_hash"],
            policy_hash=said.get("policy_hash") or "",
            widenings=said.get("widenings", ()),
            narrowed=_narrowed(said),
            **words,
        )
    shown = said.get("terms_hash", "")
    if said["outcome"] == "reject":
        reject_item(terms_hash=shown, **words)
    else:
        request_changes(terms_hash=shown, idempotency_key=key, **words)
    return None


def _check_terms(person: Person, pk: int, shown: str) -> None:
    """ChangedError if a waiting item requests something else than shown; the action checks again, locked."""
    if not shown:
        return
    item = get_item_with_columns(person, pk)
    if item.state == ItemState.SUBMITTED and shown != (now := compute_terms_hash(item)):
        words = _("%(name)s changed this item after you opened it. Review the current version, then decide.")
        detail = words % {"name": item.request.current_requester.name}
        raise ChangedError("terms_changed", detail, "terms_hash", terms_hash=now)


def _narrowed(said: dict[str, Any]) -> NarrowedTerms:
    return NarrowedTerms(
        columns=tuple(said["columns"]) if "columns" in said else None,
        row_filter=said.get("row_filter", ""),
        ends_at=said.get("expires_at"),
        trial_days=said.get("trial_duration"),
        hours=said.get("duration"),
    )


def _review_answer(request: Request, pk: int, narrowed: NarrowedTerms) -> Response:
    person, now = get_signed_in_person(request), get_request_time(request)
    item = get_item_for_review(person, pk)
    review = build_review(item, person, narrowed, now)
    context = {
        "request": request,
        "now": now,
        "review": review,
        "verdict": may_approve_item(person, item),
        "terms_hash": compute_terms_hash(item),
    }
    return Response(ReviewOut(review.item, context=context).data)
