"""Access requests and their items: list, create, resubmit, withdraw, comment, take over."""

from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.access_shapes import AccessRequestOut
from portal.api.endpoints import Endpoints, get_time_context, rows_endpoint
from portal.api.fields import EndField, EnumOut, IdOut, TextIn, TimeOut
from portal.api.grant_answers import AccessRequestDetailOut, RequestItemDetailOut
from portal.api.idempotency import key_of
from portal.api.openapi import documented
from portal.api.pagination import OLDEST
from portal.api.references import Reference
from portal.api.serializers import CommentIn, read_body
from portal.lists.api import list_endpoint
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.api.inputs import (
    REQUEST_MEMBERS,
    TABLE,
    AccessRequestIn,
    ColumnsIn,
    columns_in,
    items_in,
    kind_of_request,
    many_tables_target_in,
    recipient_in,
    team_in,
)
from portal.request_form.api.required_information import RequiredInformationIn, provided_in
from portal.requests.lists import AccessRequestList
from requests_app.access_requests.models import AccessRequest, Comment
from requests_app.access_requests.queries import get_request
from requests_app.leavers.actions import take_over_request
from requests_app.review.comments import comment_on_item
from requests_app.review.queries import get_item_for_review
from requests_app.submission.actions import submit_access_request, withdraw_item
from requests_app.submission.changes import resubmit_item
from requests_app.submission.many_tables import submit_target_request
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem

RESUBMIT_MEMBERS = {
    "items": "",
    "extent": "metadata_only",
    "offer": "",
    "use": "metadata_only",
    "principal": "",
}


COMMENT_KINDS = {Comment.Kind.COMMENT: "comment", Comment.Kind.RETURN: "change_request"}


class ResubmitIn(ColumnsIn, RequiredInformationIn):
    """The whole item as you request it now; or the same item with a comment that explains it."""

    expires_at = EndField()
    comment = TextIn(allow_blank=True, default="")


class CommentOut(serializers.Serializer[Comment]):
    """A `change_request` sent the item back to its requester."""

    id = IdOut()
    author = Reference()
    created_at = TimeOut(source="posted_at")
    kind = serializers.SerializerMethodField()
    text = serializers.CharField()

    @extend_schema_field(EnumOut([*COMMENT_KINDS.values()]))  # type: ignore[untyped-decorator]
    def get_kind(self, comment: Comment) -> str:
        return COMMENT_KINDS[Comment.Kind(comment.kind)]


ACCESS_REQUESTS = Endpoints(AccessRequestDetailOut, get_request, "request_id", get_time_context)


REQUEST_ITEMS = Endpoints(RequestItemDetailOut, get_item_for_review, "item_id", get_time_context)


class AccessRequestsView(APIView):
    members: ClassVar = {**REQUEST_MEMBERS, "terms": "accepted_terms"}

    get = list_endpoint(
        "list_access_requests",
        "List access requests",
        AccessRequestOut,
        AccessRequestList,
        description="Your requests, newest first. Auditors get everyone's.",
    )

    @documented(
        "create_access_request",
        "Request access",
        AccessRequestDetailOut,
        takes=AccessRequestIn,
        status=201,
        errors=(404,),
        description="Requests tables, one database or one set of LF-Tags. Preview the request first.",
    )
    def post(self, request: Request) -> Response:
        person, said = get_signed_in_person(request), read_body(AccessRequestIn, request)
        kind = kind_of_request(said["items"])
        recipient = recipient_in(person, said["recipient"])
        words = {
            "details": replace(
                recipient.build_details(said, said["expires_at"]),
                team=team_in(person, said["team"], recipient),
            ),
            "idempotency_key": key_of(request),
            "accepted_term_ids": said["accepted_terms"],
            "provided": provided_in(said),
            "now": get_request_time(request),
        }
        asked = _submit(person, kind, recipient, said["items"], words)
        return ACCESS_REQUESTS.answer(request, asked.pk, status.HTTP_201_CREATED)


def _submit(
    person: Person, kind: str, recipient: Recipient, items: list[dict[str, Any]], words: dict[str, Any]
) -> AccessRequest:
    first = items[0]
    if kind == TABLE:
        asks = items_in(person, items)
        return submit_access_request(acting_user=person, items=asks, **words)
    if recipient.group:
        raise RefusedError(
            _("You can't request a database or LF-Tags for a local group. Choose its account."), "recipient"
        )
    target = many_tables_target_in(person, first)
    return submit_target_request(
        requester=person,
        target=target,
        members_hash=first["target"]["members_hash"],
        offer_id=first["offer_version"],
        use=first.get("use") or "",
        **words,
    )


class AccessRequestView(APIView):
    get = ACCESS_REQUESTS.read("get_access_request", "Get an access request")


class TakeOverView(APIView):
    post = ACCESS_REQUESTS.act(
        "take_over_access_request",
        "Take over an access request",
        take_over_request,
        description="Makes you the contact for a request of your team whose requester has left.",
    )


class RequestItemView(APIView):
    get = REQUEST_ITEMS.read("get_request_item", "Get an item of an access request")


class ResubmitView(APIView):
    members: ClassVar = RESUBMIT_MEMBERS

    @documented(
        "resubmit_request_item",
        "Change and resubmit an item",
        RequestItemDetailOut,
        takes=ResubmitIn,
        errors=(404, 409),
    )
    def post(self, request: Request, pk: int) -> Response:
        person = get_signed_in_person(request)
        item = get_item_for_review(person, pk)
        body = read_body(ResubmitIn, request)
        ask = RequestedItem(table_id=item.table_id, product_id=item.product_id, **columns_in(body))
        resubmit_item(
            acting_user=person,
            item_id=pk,
            requested_item=ask,
            ends_at=body["expires_at"],
            comment=body["comment"],
            provided=provided_in(body),
            now=get_request_time(request),
        )
        return REQUEST_ITEMS.answer(request, pk)


class WithdrawView(APIView):
    post = REQUEST_ITEMS.act("withdraw_request_item", "Withdraw an item", withdraw_item, errors=(404, 409))


class CommentsView(APIView):
    get = rows_endpoint(
        "list_request_item_comments",
        "List comments on an item",
        CommentOut,
        lambda person, pk: Comment.objects.filter(item=get_item_for_review(person, pk)).select_related(
            "author"
        ),
        order=OLDEST,
    )

    post = Endpoints(CommentOut, argument="item_id").create(
        "create_request_item_comment",
        "Comment on an item",
        comment_on_item,
        takes=CommentIn,
        is_keyed=True,
        shows_result=True,
        errors=(404,),
        description="The requester and everyone who may decide can read it.",
    )
