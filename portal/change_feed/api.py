"""The change feed: for people with their session, and for services with a token of the scope `changes:read`."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.change_feed import (
    Change,
    ChangeAction,
    ChangeKind,
    list_changes_for_person,
    list_changes_for_team,
    read_changes,
)
from identity.people.models import Person
from identity.service_tokens import ServiceToken, TokenScope
from portal.api.authentication import HasTokenScope, ServiceTokenAuthentication, SessionAuthentication
from portal.api.fields import EnumOut, TimeOut
from portal.api.openapi import LIMIT, documented
from portal.api.pagination import read_limit
from portal.api.references import OptionalReference
from portal.pages.signed_in_person import get_signed_in_person

SINCE = OpenApiParameter(
    "since",
    str,
    description="The `cursor` of the last answer. Without it you get the oldest changes that are kept.",
)


class ChangeOut(serializers.Serializer[Any]):
    """A change of a data product, of a table in the mirror, of an offer or of a classification. Read what it is now at the
    address of the reference.
    """

    id = serializers.CharField(source="token")
    at = TimeOut()
    kind = EnumOut(ChangeKind.values)
    action = EnumOut(ChangeAction.values)
    data_product = OptionalReference(source="product")
    table = OptionalReference()
    details = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField())  # type: ignore[untyped-decorator]
    def get_details(self, row: Change) -> Any:
        return row.data


class ChangePageOut(serializers.Serializer[Any]):
    """Store `cursor` once you have stored `results`, and send it as `since` the next time. `has_more`: ask again at once."""

    results = ChangeOut(many=True)
    cursor = serializers.CharField(allow_blank=True)
    has_more = serializers.BooleanField()


class IsPersonOrService(BasePermission):
    """A signed-in person, or a token with the scope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ServiceToken):
            scope = HasTokenScope()
            is_allowed = scope.has_permission(request, view)
            self.message = scope.message
            return is_allowed
        return isinstance(request.user, Person)


class ChangesView(APIView):
    authentication_classes = (ServiceTokenAuthentication, SessionAuthentication)
    permission_classes = (IsPersonOrService,)
    token_scope = TokenScope.CHANGES_READ

    @documented(
        "list_changes",
        "Read the change feed",
        ChangePageOut,
        parameters=(SINCE, LIMIT),
        errors=(),
        description="What changed, oldest first, as far as you may see it; with a service token of the scope `changes:read`, as far as"
        " everyone in its team may. No change is missing or twice in the answers that follow each other.",
    )
    def get(self, request: Request) -> Response:
        if isinstance(request.auth, ServiceToken):
            changes = list_changes_for_team(request.auth.team)
        else:
            changes = list_changes_for_person(get_signed_in_person(request))
        page = read_changes(changes, request.query_params.get("since", ""), read_limit(request))
        results = ChangeOut(page.changes, many=True, context={"request": request}).data
        return Response({"results": results, "cursor": page.cursor, "has_more": page.has_more})
