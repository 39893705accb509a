"""Access reviews: whether grants are still needed; their items, decisions and evidence."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, cast

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.mirror.models import Classification
from catalog.products.may import visible_products
from catalog.products.models import Domain
from identity.accounts import Account
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from portal.access_reviews.lists import AccessReviewItemList, AccessReviewList
from portal.access_reviews.presenters import LIFECYCLES
from portal.api.access_shapes import GrantWithUseOut
from portal.api.endpoints import Endpoints
from portal.api.exports import stream_results
from portal.api.fields import (
    DurationIn,
    DurationOut,
    EndField,
    EnumOut,
    IdIn,
    IdOut,
    ReferenceIn,
    TextIn,
    TextOut,
    TimeOut,
    format_duration,
    optional,
)
from portal.api.openapi import documented
from portal.api.pagination import read_format
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import CommentIn, StrictSerializer, read_body
from portal.api.state_members import Stateful, state_members, status_in
from portal.lists.api import list_endpoint
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_reviews.actions import (
    MAX_DECISIONS,
    MAX_NAME_LENGTH,
    cancel_access_review,
    keep_review_items,
    revoke_review_items,
    start_access_review,
)
from requests_app.access_reviews.evidence import build_access_review_evidence, build_review_item_evidence
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.queries import (
    count_review_items,
    get_access_review,
    list_review_items,
)
from requests_app.access_reviews.scope import MAX_UNUSED_DAYS, AccessReviewScope
from requests_app.access_reviews.states import AccessReviewItemState, AccessReviewState
from requests_app.display_states.rules import get_access_review_item_state
from requests_app.grants.usage import get_last_uses

RESULTS = {
    AccessReviewItemState.OPEN: "open",
    AccessReviewItemState.KEPT: "kept",
    AccessReviewItemState.REVOKED: "revoked",
    AccessReviewItemState.DEFAULTED: "not_confirmed",
    AccessReviewItemState.ENDED: "ended_otherwise",
}
KEEP, REVOKE = "keep", "revoke"


FORMAT = OpenApiParameter("format", str, enum=["json", "csv", "ndjson"], description="Items alone as a file.")


class ReviewCountsOut(serializers.Serializer[Any]):
    """How many of the items that you may see have each result."""

    open = serializers.IntegerField()
    kept = serializers.IntegerField()
    revoked = serializers.IntegerField()
    not_confirmed = serializers.IntegerField(source="defaulted")
    ended_otherwise = serializers.IntegerField(source="ended")


class AccessReviewOut(Resource):
    """A periodic check of grants. Grants that nobody keeps by `due_at` end then. A filter that is null does not restrict the review."""

    route = "api-access-review"
    name = serializers.CharField()
    lifecycle = serializers.SerializerMethodField()
    started_by = Reference()
    created_at = TimeOut(source="started_at")
    due_at = TimeOut()
    closed_at = TimeOut(allow_null=True)
    domain = OptionalReference()
    data_product = OptionalReference(source="product")
    account = OptionalReference()
    classification = EnumOut(Classification.values, allow_null=True)
    unused_for = serializers.SerializerMethodField()
    item_counts = serializers.SerializerMethodField()

    @extend_schema_field(EnumOut([one.value for one in LIFECYCLES.values()]))  # type: ignore[untyped-decorator]
    def get_lifecycle(self, access_review: AccessReview) -> str:
        return LIFECYCLES[AccessReviewState(access_review.state)].value

    @extend_schema_field(DurationOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_unused_for(self, access_review: AccessReview) -> str | None:
        return (
            format_duration(timedelta(days=access_review.unused_days)) if access_review.unused_days else None
        )

    @extend_schema_field(ReviewCountsOut)  # type: ignore[untyped-decorator]
    def get_item_counts(self, access_review: AccessReview) -> dict[str, Any]:
        return cast("dict[str, Any]", ReviewCountsOut(self.context["counts"][access_review.pk]).data)


class AccessReviewItemOut(Stateful):
    """A grant and the decision on it. `expires_at` is an earlier end date set when it was kept."""

    id = IdOut()
    grant = GrantWithUseOut()
    result = serializers.SerializerMethodField()
    decided_by = OptionalReference()
    decided_at = TimeOut(allow_null=True)
    comment = TextOut(source="reason")
    expires_at = TimeOut(source="until", allow_null=True)

    @extend_schema_field(EnumOut([*RESULTS.values()]))  # type: ignore[untyped-decorator]
    def get_result(self, line: AccessReviewItem) -> str:
        return RESULTS[AccessReviewItemState(line.state)]

    def members_of(self, row: AccessReviewItem) -> Mapping[str, Any]:
        status = status_in(self.context, row.grant)
        shown = get_access_review_item_state(row.state, status.display_state)
        return state_members(shown, "" if row.state == AccessReviewItemState.OPEN else status.sentence)


class AccessReviewIn(StrictSerializer):
    """`unused_for` limits the review to grants that nobody used for that long, in catalogs whose CloudTrail is read."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    due_at = EndField()
    domain = optional(ReferenceIn)
    data_product = optional(ReferenceIn)
    account = optional(ReferenceIn)
    classification = serializers.ChoiceField(choices=Classification.choices, required=False, allow_null=True)
    unused_for = optional(DurationIn, unit="days", most=MAX_UNUSED_DAYS)

    @staticmethod
    def build_arguments(person: Person, said: dict[str, Any]) -> dict[str, Any]:
        """RefusedError for a member that names nothing."""
        slug = said["data_product"]
        domain = Domain.objects.filter(slug=said["domain"]).first() if said["domain"] else None
        product = visible_products(person).filter(slug=slug).first() if slug else None
        account = Account.objects.filter(account_id=said["account"]).first() if said["account"] else None
        for member, found in (("domain", domain), ("data_product", product), ("account", account)):
            if said[member] and found is None:
                raise RefusedError(_("There is no %(id)s.") % {"id": said[member]}, member)
        scope = AccessReviewScope(
            domain, product, account, said.get("classification") or "", said["unused_for"]
        )
        return {"name": said["name"], "scope": scope, "due_at": said["due_at"]}


class ReviewDecisionIn(CommentIn):
    """Decides on all items or on none. Items that already have a decision are skipped. When you keep grants, `expires_at` sets an earlier end."""

    outcome = serializers.ChoiceField((KEEP, REVOKE))
    items = serializers.ListField(child=IdIn(), min_length=1, max_length=MAX_DECISIONS)
    expires_at = optional(EndField)
    comment = TextIn(allow_blank=True)


class ReviewDecisionOut(serializers.Serializer[Any]):
    outcome = EnumOut((KEEP, REVOKE))
    decided_by = Reference()
    decided_at = TimeOut()
    comment = TextOut()
    items = AccessReviewItemOut(many=True)
    access_review = AccessReviewOut()


ACCESS_REVIEWS = Endpoints(
    AccessReviewOut,
    get_access_review,
    "access_review_id",
    lambda request, row: {"counts": count_review_items(get_signed_in_person(request), [row])},
)


class AccessReviewsView(APIView):
    members: ClassVar = {"scope": "", "unused_days": "unused_for"}

    get = list_endpoint(
        "list_access_reviews",
        "List access reviews",
        AccessReviewOut,
        AccessReviewList,
        description="Access reviews with an item that you may see, newest first.",
    )

    post = ACCESS_REVIEWS.create(
        "create_access_review",
        "Start an access review",
        start_access_review,
        takes=AccessReviewIn,
        build=AccessReviewIn.build_arguments,
        is_keyed=True,
        errors=(),
        description="Includes each grant in scope that is active now.",
    )


class AccessReviewView(APIView):
    get = ACCESS_REVIEWS.read("get_access_review", "Get an access review")


class AccessReviewItemsView(APIView):
    get = list_endpoint(
        "list_access_review_items",
        "List items of an access review",
        AccessReviewItemOut,
        AccessReviewItemList,
        errors=(404,),
    )


class AccessReviewDecisionsView(APIView):
    members: ClassVar = {"lines": "items", "until": "expires_at"}

    @documented(
        "create_access_review_decision",
        "Keep or revoke grants",
        ReviewDecisionOut,
        takes=ReviewDecisionIn,
        status=201,
        errors=(404,),
        description="Applies one outcome and comment to several items of an access review.",
    )
    def post(self, request: Request, pk: int) -> Response:
        person, said, now = (
            get_signed_in_person(request),
            read_body(ReviewDecisionIn, request),
            get_request_time(request),
        )
        words: dict[str, Any] = {
            "acting_user": person,
            "access_review_id": pk,
            "item_ids": said["items"],
            "reason": said["comment"],
            "now": now,
        }
        if said["outcome"] == KEEP:
            keep_review_items(**words, shortened_to=said["expires_at"])
        else:
            revoke_review_items(**words)
        access_review = get_access_review(person, pk)
        items = list(list_review_items(person, access_review).filter(pk__in=said["items"]))
        found = {
            **said,
            "decided_by": person,
            "decided_at": now,
            "items": items,
            "access_review": access_review,
        }
        context = {
            "request": request,
            "counts": count_review_items(person, [access_review]),
            "now": clock.now(),
            "uses": get_last_uses([item.grant for item in items]),
        }
        return Response(ReviewDecisionOut(found, context=context).data, status.HTTP_201_CREATED)


class CancellationView(APIView):
    post = ACCESS_REVIEWS.act(
        "cancel_access_review",
        "Cancel an access review",
        cancel_access_review,
        takes=CommentIn,
        names={"comment": "reason"},
        description="Grants without a decision stay active.",
    )


class EvidenceView(APIView):
    @documented(
        "get_access_review_evidence",
        "Get the evidence of an access review",
        {
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
        parameters=(FORMAT,),
        description="Lists each item with its decision, its proof and its audit event.",
    )
    def get(self, request: Request, pk: int) -> Any:
        person, kind = get_signed_in_person(request), read_format(request)
        access_review = get_access_review(person, pk)
        items = list(build_review_item_evidence(list_review_items(person, access_review)))
        if kind != "json":
            return stream_results(items, kind, f"access-review-{pk}")
        return Response({**build_access_review_evidence(access_review), "items": items})
