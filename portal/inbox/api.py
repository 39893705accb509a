"""Reviews: items that wait for your decision, and those that you decided on."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.access_shapes import RequestItemOut, RequestTextsOut
from portal.api.fields import EnumOut
from portal.api.filters import ListFilters, by_text, by_time
from portal.api.openapi import LIST, documented, listed, sort_by
from portal.api.pagination import NEWEST, OLDEST, answer_list
from portal.api.references import OptionalReference, Reference
from portal.api.serializers import RecipientOut, recipient_of
from portal.inbox.other_decisions import NamedRow, OtherDecisions, count_decisions, list_other_decisions
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.models import RequestItem
from requests_app.review.inbox.counts import count_waiting
from requests_app.review.queries import list_decided_items, list_inbox
from requests_app.review.risk import compute_risk, parse_risk_facts

DECIDED = OpenApiParameter("decided", bool, description="`true` for those that you decided on, newest first.")


class ReviewFilters(ListFilters):
    team = by_text("request__team__slug", "The team that requests it.")
    data_product = by_text("product__slug", "The data product.")
    principal = by_text("request__principal__arn", "ARN of the role or user that would receive it.")
    expires_before, expires_after = by_time("ends_at")


SORTS = {"id": "pk", "expires_at": "ends_at", "risk": "risk"}


class RiskOut(serializers.Serializer[Any]):
    """How risky an approval would be. `reasons` are short, the weightiest first; `explanations` are sentences."""

    level = EnumOut(("low", "medium", "high"))
    reasons = serializers.ListField(child=serializers.CharField())
    explanations = serializers.ListField(child=serializers.CharField())


class ReviewSummaryOut(RequestItemOut, RequestTextsOut):
    """An item in review: who requests it, for whom, and why. Its id is that of the item."""

    route = "api-review"
    request_path = "request."
    requester = Reference(source="request.requester")
    taken_over_by = OptionalReference(source="request.taken_over_by")
    recipient = serializers.SerializerMethodField()
    purpose = serializers.CharField(source="request.purpose")
    risk = serializers.SerializerMethodField()

    @extend_schema_field(RecipientOut())  # type: ignore[untyped-decorator]
    def get_recipient(self, item: RequestItem) -> dict[str, Any]:
        return recipient_of(item.request.principal, item.request.group, self.context["request"])

    @extend_schema_field(RiskOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_risk(self, item: RequestItem) -> Any:
        """As scored when it was requested or changed."""
        facts = parse_risk_facts(item.risk_facts)
        return RiskOut(compute_risk(facts)).data if facts else None


class ReviewsView(APIView):
    @documented(
        "list_reviews",
        "List reviews",
        listed(ReviewSummaryOut),
        parameters=(*LIST, sort_by(SORTS), DECIDED, ReviewFilters),
        errors=(),
        description="Items that wait for your decision, oldest first.",
    )
    def get(self, request: Request) -> Any:
        person, said = get_signed_in_person(request), request.query_params.get("decided", "false")
        if said not in {"true", "false"}:
            raise ValidationError({"decided": _("Send true or false.")})
        is_decided = said == "true"
        rows = list_decided_items(person) if is_decided else list_inbox(person)
        return answer_list(
            request,
            ReviewFilters.apply(rows, request.query_params),
            ReviewSummaryOut,
            order=NEWEST if is_decided else OLDEST,
            sorts=SORTS,
            context=lambda _rows: {"now": get_request_time(request)},
        )


class PageOut(serializers.Serializer[Any]):
    """What it is called, and the page where you decide."""

    text = serializers.CharField()
    page = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField())  # type: ignore[untyped-decorator]
    def get_page(self, row: OtherDecisions | NamedRow) -> str:
        return str(self.context["request"].build_absolute_uri(row.url))


class OtherDecisionsOut(PageOut):
    """`text` says how many of what; `page` is where you decide. `items` are the first ten, where they have names."""

    count = serializers.IntegerField()
    items = PageOut(many=True, source="rows")


class WaitingDecisionsOut(serializers.Serializer[Any]):
    """`count` is of everything that waits for you, as on the pages: of `reviews` and of each of `others`."""

    count = serializers.IntegerField()
    reviews = serializers.IntegerField()
    others = OtherDecisionsOut(many=True)


class WaitingDecisionsView(APIView):
    @documented(
        "get_waiting_decisions",
        "Count what waits for your decision",
        WaitingDecisionsOut,
        errors=(),
        description="Access requests in review, and everything else that waits for you.",
    )
    def get(self, request: Request) -> Response:
        person = get_signed_in_person(request)
        found = {
            "count": count_decisions(person),
            "reviews": count_waiting(person),
            "others": list_other_decisions(person),
        }
        return Response(WaitingDecisionsOut(found, context={"request": request}).data)
