"""Derived data products: floors and terms, and requests to upstream owners."""

from typing import Any, ClassVar

from django.urls import URLPattern
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.derivation.actions import (
    MAX_COLUMNS,
    MAX_TEXT_LENGTH,
    request_derivation,
)
from catalog.derivation.evaluation import read_derivation, read_subject
from catalog.derivation.kind import DERIVATION_REQUEST
from catalog.derivation.may import find_visible_upstream, sees_derivation, sees_upstream
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests, read_wanted_subject
from catalog.mirror.models import Classification
from catalog.products.models import SharingTerms
from identity.people.models import Person
from kernel import clock
from portal.api.decision_states import DecisionStateOut, by_state
from portal.api.fields import EnumOut, IdIn, ReferenceIn, TextOut, TimeOut, optional
from portal.api.filters import ListFilters, by_text
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, ReferenceOut, Resource, refer_to
from portal.api.serializers import StrictSerializer, read_body
from portal.decisions.api import build_decision_urls
from portal.derivation.presenters import (
    FloorRow,
    build_derivation_section,
    build_floor_rows,
    build_request_details,
)
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class DerivationRequestFilters(ListFilters):
    state = by_state(DERIVATION_REQUEST)
    data_product = by_text("product__slug", "The data product that is made from others.")


CLASSES = Classification.values


class UpstreamProductOut(serializers.Serializer[Any]):
    """A data product that this one is made from. `is_blocked`: it lacks the approval of its owner."""

    data_product = Reference(source="product")
    passing_on = EnumOut(SharingTerms.values, source="product.passing_on")
    terms = TextOut(source="product.terms")
    is_blocked = serializers.BooleanField()


class DerivationInputOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    owner = serializers.CharField()
    table = serializers.CharField()


class ColumnFloorOut(serializers.Serializer[Any]):
    """A column that is made from others. `hidden_inputs` is how many of them you may not see."""

    name = serializers.CharField()
    classification = EnumOut(CLASSES, allow_null=True)
    floor = EnumOut(CLASSES)
    inputs = DerivationInputOut(many=True)
    hidden_inputs = serializers.IntegerField(source="hidden_count")
    lacks_approval = serializers.BooleanField(source="is_missing")


class DerivationOut(serializers.Serializer[Any]):
    """What a data product is made from, as its draft has it if you may edit it. Without the right to see floors, `columns` is null
    and `hidden_data_products` too.
    """

    data_product = Reference(source="product")
    upstream = UpstreamProductOut(many=True)
    hidden_data_products = serializers.IntegerField(allow_null=True)
    columns = ColumnFloorOut(many=True, allow_null=True)


class RequestedColumnOut(serializers.Serializer[Any]):
    """`input` is null if you may not see it."""

    column = serializers.CharField(source="name")
    input = TextOut()
    floor = EnumOut(CLASSES)
    classification = EnumOut(CLASSES, allow_null=True)


class DerivationRequestOut(Resource):
    """Asks the data owners of `domain` to let `data_product` be made from their data although a column is below the class of what it
    is made from, or the terms don't allow it. `domain` is null if you may not see its data.
    """

    route = "api-derivation-request"
    state = DecisionStateOut(DERIVATION_REQUEST)
    data_product = Reference(source="product")
    domain = serializers.SerializerMethodField()
    columns = serializers.SerializerMethodField()
    passed_on = serializers.SerializerMethodField()
    reason = serializers.CharField()
    requested_by = Reference()
    requested_at = TimeOut()
    decided_by = OptionalReference()
    decided_at = TimeOut(allow_null=True)
    comment = TextOut()
    ends_on = serializers.DateField(allow_null=True)
    ended_by = OptionalReference()
    ended_at = TimeOut(allow_null=True)
    end_reason = TextOut()

    @property
    def _person(self) -> Person:
        return get_signed_in_person(self.context["request"])

    @extend_schema_field(ReferenceOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_domain(self, row: DerivationRequest) -> dict[str, Any] | None:
        return refer_to(row.domain, self.context["request"]) if sees_upstream(self._person, row) else None

    @extend_schema_field(RequestedColumnOut(many=True))  # type: ignore[untyped-decorator]
    def get_columns(self, row: DerivationRequest) -> Any:
        return RequestedColumnOut(build_request_details(self._person, row).columns, many=True).data

    @extend_schema_field(ReferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_passed_on(self, row: DerivationRequest) -> list[dict[str, Any]]:
        """Data products of the domain that would be passed on, as far as you may see them."""
        shown = find_visible_upstream(self._person, row.passed_on)
        return [refer_to(one, self.context["request"]) for one in shown.values()]


class ColumnClassIn(StrictSerializer):
    table = IdIn()
    column = serializers.CharField(max_length=255)
    classification = serializers.ChoiceField(choices=CLASSES)


class DerivationRequestIn(StrictSerializer):
    """Without `columns`, what the draft or the data product has is asked for; with them, that they may have these classes."""

    data_product = ReferenceIn()
    reason = serializers.CharField(max_length=MAX_TEXT_LENGTH)
    columns = serializers.ListField(child=ColumnClassIn(), required=False, max_length=MAX_COLUMNS)


class DerivationApprovalIn(StrictSerializer):
    """`ends_on` is the last day of the approval; without it, it has no end."""

    comment = serializers.CharField(max_length=MAX_TEXT_LENGTH)
    ends_on = optional(serializers.DateField)


class DerivationReasonIn(StrictSerializer):
    """`comment` says why."""

    comment = serializers.CharField(max_length=MAX_TEXT_LENGTH)


class DerivationRequestsOut(serializers.Serializer[Any]):
    """A request for each domain whose approval was missing and not asked for."""

    results = DerivationRequestOut(many=True)


class DerivationView(APIView):
    @documented("get_data_product_derivation", "Get what a data product is made from", DerivationOut)
    def get(self, request: Request, slug: str) -> Response:
        person = get_signed_in_person(request)
        product = get_product(person, slug)
        sees_floors, now = sees_derivation(person, product), clock.now()
        subject = read_wanted_subject(product) if sees_floors else read_subject(product)
        section = build_derivation_section(person, subject, now)
        rows: list[FloorRow] = build_floor_rows(person, read_derivation(subject, now)) if sees_floors else []
        said = {
            "product": product,
            "upstream": section.upstream if section else (),
            "hidden_data_products": (section.hidden_count if section else 0) if sees_floors else None,
            "columns": rows if sees_floors else None,
        }
        return Response(DerivationOut(said, context={"request": request}).data)


class DerivationRequestsView(APIView):
    members: ClassVar = {"slug": "data_product"}

    @documented(
        "list_derivation_requests",
        "List derivation requests",
        listed(DerivationRequestOut),
        parameters=(*LIST, DerivationRequestFilters),
        errors=(),
        description="Those of your data products, and those about data of your domains; newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = DerivationRequestFilters.apply(
            list_requests(get_signed_in_person(request)), request.query_params
        )
        return answer_list(request, rows, DerivationRequestOut)

    @documented(
        "request_derivation",
        "Ask upstream owners for approval",
        DerivationRequestsOut,
        takes=DerivationRequestIn,
        status=201,
        description="The data owners of each domain find it in their inbox; all of them have to agree.",
    )
    def post(self, request: Request) -> Response:
        body = read_body(DerivationRequestIn, request)
        lowered = {
            (column["table"], column["column"]): column["classification"]
            for column in body.get("columns", ())
        }
        made = request_derivation(
            acting_user=get_signed_in_person(request),
            slug=body["data_product"],
            reason=body["reason"],
            lowered=lowered,
            now=get_request_time(request),
        )
        return Response(
            DerivationRequestsOut({"results": made}, context={"request": request}).data,
            status.HTTP_201_CREATED,
        )


def build_verb_urls() -> list[URLPattern]:
    summaries = {
        "get_derivation_request": "Get a derivation request",
        "approve_derivation": "Approve a derivation request",
        "reject_derivation": "Reject a derivation request",
        "withdraw_derivation": "Withdraw a derivation request",
        "revoke_derivation": "Revoke an approved derivation request",
    }
    inputs = {
        "approve_derivation": DerivationApprovalIn,
        "reject_derivation": DerivationReasonIn,
        "revoke_derivation": DerivationReasonIn,
    }
    return build_decision_urls(DERIVATION_REQUEST, DerivationRequestOut, summaries=summaries, inputs=inputs)
