"""Deciding for others: yours, given and received, another, and its end."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.errors import RefusedError
from portal.api.fields import EndField
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import PersonOut
from portal.pages.signed_in import person_of
from requests_app.review.delegation.actions import delegate_decisions, end_delegation
from requests_app.review.delegation.queries import list_delegate_candidates, list_own_delegations


class DelegationOut(serializers.Serializer[Any]):
    """`delegate` decides for `owner` on what the team answers for."""

    id = serializers.IntegerField()
    owner = PersonOut()
    delegate = PersonOut()
    team = serializers.CharField(source="team.slug")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class DelegationIn(serializers.Serializer[Any]):
    """`delegate` is the e-mail of a colleague of the team, whose data owner you are; 90 days at most."""

    team = serializers.SlugField()
    delegate = serializers.EmailField()
    starts_at = serializers.DateTimeField()
    ends_at = EndField()


class DelegationsView(APIView):
    @documented(
        "list_delegations", "Who decides for you, and for whom you do", DelegationOut(many=True), errors=()
    )
    def get(self, request: Request) -> Response:
        return Response(DelegationOut(list_own_delegations(person_of(request)), many=True).data)

    @documented(
        "delegate_decisions",
        "Have a colleague decide for you",
        DelegationOut,
        takes=DelegationIn,
        status=201,
        errors=(400,),
        parameters=(KEY,),
    )
    @once_a_key
    def post(self, request: Request) -> Response:
        given = DelegationIn(data=request.data)
        given.is_valid(raise_exception=True)
        said, person = given.validated_data, person_of(request)
        colleagues = list_delegate_candidates(person).filter(
            team__slug=said["team"], person__email__iexact=said["delegate"]
        )
        chosen = colleagues.first()
        if chosen is None:
            raise RefusedError("Name a colleague of a team whose data owner you are.", "delegate")
        delegation = delegate_decisions(
            acting_user=person,
            team=chosen.team,
            delegate=chosen.person,
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            now=clock.now(),
        )
        return Response(DelegationOut(delegation).data, status.HTTP_201_CREATED)


class EndView(APIView):
    @documented("end_delegation", "End deciding for another", DelegationOut, parameters=(KEY,))
    @once_a_key
    def post(self, request: Request, pk: int) -> Response:
        found = end_delegation(acting_user=person_of(request), delegation_id=pk, now=clock.now())
        return Response(DelegationOut(found).data)
