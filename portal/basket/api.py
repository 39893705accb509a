"""Baskets: one of your own for each of your teams."""

from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Team
from portal.api.access_shapes import AccessRequestOut
from portal.api.etags import ETAG, IF_MATCH
from portal.api.fields import DurationOut, EndField, EnumOut, TextOut
from portal.api.openapi import documented
from portal.api.problems import PreconditionError
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import ALL, COLUMN_MODES, LISTED, TargetOut, read_body, target_of_table
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.api.inputs import (
    ITEM_MEMBERS,
    TABLE,
    AcceptedTermsIn,
    RecipientIn,
    RequestItemIn,
    RequestTextsIn,
    item_in,
    recipient_in,
)
from portal.request_form.api.required_information import RequiredInformationIn, provided_in
from requests_app.access_requests.queries import get_request
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket, get_own_team, remove_from_basket
from requests_app.submission.basket_summary import BasketRow, build_basket_rows


class BasketItemOut(serializers.Serializer[BasketRow]):
    """A table in the basket; its id is that of the table. `target` is null if you can no longer see it. `problem` says why it
    cannot be requested as it is.
    """

    id = serializers.CharField(source="item.table_id")
    target = serializers.SerializerMethodField()
    column_mode = serializers.SerializerMethodField()
    columns = serializers.ListField(child=serializers.CharField(), source="item.columns")
    row_filter = TextOut(source="item.row_filter")
    metadata_only = serializers.BooleanField(source="item.metadata_only")
    data_product = OptionalReference(source="item.product")
    offer_version = OptionalReference(source="item.offer")
    use = EnumOut(source="item.use", allow_null=True)
    sensitive_columns_left_out = serializers.ListField(
        child=serializers.CharField(), source="omitted_columns"
    )
    decided_by = OptionalReference(source="domain.owner_team")
    expected_wait = DurationOut(source="expected_wait.median", default=None, allow_null=True)
    problem = TextOut()

    @extend_schema_field(TargetOut(allow_null=True))  # type: ignore[untyped-decorator]
    def get_target(self, row: BasketRow) -> dict[str, Any] | None:
        if not row.is_visible:
            return None
        return target_of_table(row.item.table, self.context["request"])

    @extend_schema_field(EnumOut(COLUMN_MODES))  # type: ignore[untyped-decorator]
    def get_column_mode(self, row: BasketRow) -> str:
        return ALL if row.item.target.has_future_columns else LISTED


class BasketOut(Resource):
    """What you collected for a team. Send its `ETag` as `If-Match` when you submit it, so that you request what you saw."""

    route = "api-basket"
    key = "team.slug"
    team = Reference()
    items = BasketItemOut(many=True)


class BasketSubmissionIn(RequiredInformationIn, AcceptedTermsIn, RequestTextsIn):
    recipient = RecipientIn()
    expires_at = EndField()


class BasketView(APIView):
    @documented("get_basket", "Get a basket", BasketOut, parameters=(ETAG,))
    def get(self, request: Request, slug: str) -> Response:
        return _answer(request, get_own_team(get_signed_in_person(request), slug))


class BasketItemsView(APIView):
    members: ClassVar = ITEM_MEMBERS

    @documented(
        "add_basket_item",
        "Add a table to a basket",
        BasketOut,
        takes=RequestItemIn,
        status=201,
        errors=(404,),
        description="Replaces an item for the same table.",
    )
    def post(self, request: Request, slug: str) -> Response:
        person = get_signed_in_person(request)
        team = get_own_team(person, slug)
        body = read_body(RequestItemIn, request)
        if body["target"]["kind"] != TABLE:
            raise serializers.ValidationError({"target": {"kind": _("A basket holds tables only.")}})
        add_to_basket(
            person=person, team=team, requested_items=[item_in(person, body)], now=get_request_time(request)
        )
        return _answer(request, team, status.HTTP_201_CREATED)


class BasketItemView(APIView):
    @documented(
        "remove_basket_item",
        "Remove a table from a basket",
        {204: None},
        description="The path names the table by its id.",
    )
    def delete(self, request: Request, slug: str, table: int) -> Response:
        person = get_signed_in_person(request)
        remove_from_basket(person=person, team=get_own_team(person, slug), tables=[table])
        return Response(status=status.HTTP_204_NO_CONTENT)


class BasketSubmissionView(APIView):
    members: ClassVar = {
        **dict.fromkeys(ITEM_MEMBERS, ""),
        "principal": "recipient",
        "terms": "accepted_terms",
    }

    @documented(
        "submit_basket",
        "Submit a basket",
        AccessRequestOut,
        takes=BasketSubmissionIn,
        status=201,
        errors=(404, 412, 428),
        parameters=(IF_MATCH,),
        description="Requests everything in the basket except what the recipient already has.",
    )
    def post(self, request: Request, slug: str) -> Response:
        person, now = get_signed_in_person(request), get_request_time(request)
        team = get_own_team(person, slug)
        said, version = read_body(BasketSubmissionIn, request), _version(request)
        recipient = recipient_in(person, said["recipient"])
        sent = submit_basket(
            acting_user=person,
            details=replace(recipient.build_details(said, said["expires_at"]), team=team),
            basket_version=version,
            accepted_term_ids=said["accepted_terms"],
            provided=provided_in(said),
            now=now,
        )
        context = {"request": request, "now": now}
        found = AccessRequestOut(get_request(person, sent.request.pk), context=context)
        return Response(found.data, status.HTTP_201_CREATED)


def _version(request: Request) -> int:
    """Returns the version of the basket that the caller read. PreconditionError."""
    sent = request.headers.get("If-Match")
    if sent is None:
        raise PreconditionError(is_missing=True)
    said = sent.strip().strip('"')
    if not (said.isascii() and said.isdecimal() and len(said) < len(str(2**31))):
        raise PreconditionError(is_missing=False)
    return int(said)


def _answer(request: Request, team: Team, code: int = status.HTTP_200_OK) -> Response:
    person = get_signed_in_person(request)
    version, items = get_basket(person, team).version, build_basket_rows(person, team)
    found = BasketOut({"team": team, "items": items}, context={"request": request})
    return Response(found.data, code, headers={"ETag": f'"{version}"'})
