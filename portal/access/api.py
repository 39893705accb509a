"""Grants: list them, read one, revoke one or several."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.views import APIView

from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from portal.access.lists import GrantList
from portal.api.access_shapes import AccessStateOut, GrantWithUseOut
from portal.api.endpoints import Endpoints, get_time_context
from portal.api.fields import IdIn, TextOut, TimeOut
from portal.api.grant_answers import GRANTS
from portal.api.references import Reference, Resource
from portal.api.serializers import CommentIn
from portal.lists.api import list_endpoint
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


def _revoke_grants(*, acting_user: Person, now: datetime, **given: Any) -> dict[str, Any]:
    """RefusedError if there was nothing left to revoke."""
    if not revoke_grants(acting_user=acting_user, now=now, **given):
        raise RefusedError(_("All of these grants have ended already. Nothing was changed."), "grants")
    return _load_bulk_revocation(acting_user, bulk_revocation_id(now))


def _load_bulk_revocation(person: Person, pk: int) -> dict[str, Any]:
    at, grants = get_bulk_revocation(person, pk)
    rows = list(grants)
    return {"id": pk, "comment": rows[0].end_reason, "created_at": at, "results": rows}


BULK_REVOCATIONS = Endpoints(BulkRevocationOut, _load_bulk_revocation, context=get_time_context)


class BulkRevocationsView(APIView):
    post = BULK_REVOCATIONS.create(
        "create_bulk_revocation",
        "Revoke several grants",
        _revoke_grants,
        takes=BulkRevocationIn,
        names={"grants": "grant_ids", "comment": "reason"},
        shows_result=True,
        errors=(404,),
    )


class BulkRevocationView(APIView):
    get = BULK_REVOCATIONS.read("get_bulk_revocation", "Get a bulk revocation")


def bulk_revocation_id(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
