"""Grants: your access, one of them, and its end."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import BEFORE, LIMIT, WHOSE, documented
from portal.api.pagination import asks_for_all, newest_first, page_answer, page_of
from portal.api.serializers import GrantOut, GrantWithUseOut, ReasonIn
from portal.pages.signed_in import person_of
from requests_app.grants.actions import MAX_REVOKED, revoke_grant, revoke_grants
from requests_app.grants.other_access import list_other_paths
from requests_app.grants.queries import get_grant, list_grants_by_id, list_own_grants, list_visible_grants
from requests_app.grants.usage import get_last_uses


class GrantDetailOut(GrantWithUseOut):
    """`other_paths`: how the principal can still read the table without this grant."""

    other_paths = serializers.ListField(child=serializers.CharField())


class SeveralIn(ReasonIn):
    """All of them end, or none; those that have ended already are left out of the answer."""

    grants = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MAX_REVOKED
    )


class GrantsView(APIView):
    @documented(
        "list_grants",
        "Access of yours and of your teams' accounts, newest first; or, to an auditor, everyone's",
        page_of(GrantWithUseOut),
        parameters=(LIMIT, BEFORE, WHOSE),
    )
    def get(self, request: Request) -> Response:
        person = person_of(request)
        found = list_visible_grants(person) if asks_for_all(request, person) else list_own_grants(person)
        rows, following = newest_first(found, request)
        context = {"now": clock.now(), "uses": get_last_uses(rows)}
        return page_answer(GrantWithUseOut(rows, many=True, context=context).data, following)


class GrantView(APIView):
    @documented("show_grant", "A grant, and what AWS holds of it", GrantDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return _grant(request, pk)


class RevokeView(APIView):
    @documented(
        "revoke_grant",
        "End a grant before its time",
        GrantDetailOut,
        takes=ReasonIn,
        errors=(400, 404, 409),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        revoke_grant(acting_user=person_of(request), grant_id=pk, **given.validated_data, now=clock.now())
        return _grant(request, pk)


class RevokeSeveralView(APIView):
    @documented(
        "revoke_grants",
        "End several with one reason",
        GrantOut(many=True),
        takes=SeveralIn,
        errors=(400, 404),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = SeveralIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, now = person_of(request), clock.now()
        ids, reason = given.validated_data["grants"], given.validated_data["reason"]
        ended = revoke_grants(acting_user=person, grant_ids=ids, reason=reason, now=now)
        shown = list_grants_by_id(person, [grant.pk for grant in ended])
        return Response(GrantOut(shown, many=True, context={"now": now}).data)


def _grant(request: Request, pk: int) -> Response:
    grant = get_grant(person_of(request), pk)
    now = clock.now()
    shown = GrantWithUseOut(grant, context={"now": now, "uses": get_last_uses([grant])}).data
    return Response({**shown, "other_paths": list_other_paths(grant, now)})
