"""Grants: list them, read one, revoke one or several."""

from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from portal.access.lists import GrantList
from portal.api.access_shapes import AccessStateOut, GrantWithUseOut
from portal.api.fields import IdIn, TextOut, TimeOut
from portal.api.grant_answers import GRANTS
from portal.api.openapi import documented
from portal.api.references import Reference, Resource
from portal.api.serializers import CommentIn, read_body
from portal.lists.api import list_endpoint
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.actions import MAX_REVOKED, revoke_grant, revoke_grants
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_visible_grants
from requests_app.grants.states import GrantState

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def get_bulk_revocation(person: Person, pk: int) -> tuple[datetime, QuerySet[Grant]]:
    """When, and those of its grants that the person may see. NotFoundError where there are none."""
    try:
        at = EPOCH + timedelta(microseconds=pk)
    except OverflowError as error:
        raise NotFoundError from error
    grants = list_visible_grants(person).filter(ended_at=at, state=GrantState.REVOKED)
    if not grants.exists():
        raise NotFoundError
    return at, grants


class BulkRevocationIn(CommentIn):
    """Revokes all grants or none. Grants that have already ended are omitted from the results."""

    grants = serializers.ListField(child=IdIn(), min_length=1, max_length=MAX_REVOKED)


class RevokedOut(AccessStateOut):
    """A revoked grant with its current state."""

    grant = Reference(source="*")


class BulkRevocationOut(Resource):
    """Grants that were revoked together."""

    route = "api-bulk-revocation"
    has_page = False
    key = "id"
    comment = TextOut()
    created_at = TimeOut()
    results = RevokedOut(many=True)


class GrantsView(APIView):
    get = list_endpoint(
        "list_grants",
        "List grants",
        GrantWithUseOut,
        GrantList,
        description="Grants of you and your teams' accounts, newest first. Auditors get all grants.",
    )


class GrantView(APIView):
    get = GRANTS.read("get_grant", "Get a grant")


class RevokeView(APIView):
    post = GRANTS.act(
        "revoke_grant",
        "Revoke a grant",
        revoke_grant,
        takes=CommentIn,
        names={"comment": "reason"},
        errors=(404, 409),
        description="Ends the grant before it expires. Data owners revoke access; recipients give back their own.",
    )


class BulkRevocationsView(APIView):
    @documented(
        "create_bulk_revocation",
        "Revoke several grants",
        BulkRevocationOut,
        takes=BulkRevocationIn,
        status=201,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        said, now = read_body(BulkRevocationIn, request), get_request_time(request)
        person, reason = get_signed_in_person(request), said["comment"]
        if not revoke_grants(acting_user=person, grant_ids=said["grants"], reason=reason, now=now):
            raise RefusedError(_("All of these grants have ended already. Nothing was changed."), "grants")
        return _bulk_revocation(request, bulk_revocation_id(now), status.HTTP_201_CREATED)


class BulkRevocationView(APIView):
    @documented("get_bulk_revocation", "Get a bulk revocation", BulkRevocationOut)
    def get(self, request: Request, pk: int) -> Response:
        return _bulk_revocation(request, pk)


def _bulk_revocation(request: Request, pk: int, code: int = status.HTTP_200_OK) -> Response:
    at, grants = get_bulk_revocation(get_signed_in_person(request), pk)
    rows = list(grants)
    found = {"id": pk, "comment": rows[0].end_reason, "created_at": at, "results": rows}
    context = {"request": request, "now": get_request_time(request)}
    return Response(BulkRevocationOut(found, context=context).data, code)


def bulk_revocation_id(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
