"""Delegations: who decides for you, and for whom you decide."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Person
from kernel.errors import RefusedError
from portal.api.fields import EndField, IdOut, ReferenceIn, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.people import person_in
from portal.api.references import Reference
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.review.delegation.actions import delegate_decisions, end_delegation
from requests_app.review.delegation.models import Delegation
from requests_app.review.delegation.queries import list_delegate_candidates, list_own_delegations


class DelegationOut(serializers.Serializer[Delegation]):
    """`delegate` decides for `owner` on data of the team, from `starts_at` to `expires_at` unless it is ended before."""

    id = IdOut()
    owner = Reference()
    delegate = Reference()
    team = Reference()
    starts_at = TimeOut()
    expires_at = TimeOut(source="ends_at")
    ended_at = TimeOut(allow_null=True)


class DelegationIn(StrictSerializer):
    """For 90 days at most. You must be a data owner of the team."""

    team = ReferenceIn()
    delegate = ReferenceIn(help_text="a colleague of the team, by id or e-mail")
    starts_at = serializers.DateTimeField()
    expires_at = EndField()


class DelegationsView(APIView):
    members: ClassVar = {"ends_on": "expires_at"}

    @documented(
        "list_delegations",
        "List delegations",
        listed(DelegationOut),
        parameters=LIST,
        errors=(),
        description="Delegations that you gave or received and that have not ended, by end date.",
    )
    def get(self, request: Request) -> Any:
        rows = list_own_delegations(get_signed_in_person(request))
        return answer_list(request, rows, DelegationOut, order=("ends_at", "pk"))

    @documented(
        "create_delegation", "Create a delegation", DelegationOut, takes=DelegationIn, status=201, errors=()
    )
    def post(self, request: Request) -> Response:
        said, person = read_body(DelegationIn, request), get_signed_in_person(request)
        refusal = _("Name a colleague of a team whose data owner you are.")
        colleagues = list_delegate_candidates(person).filter(team__slug=said["team"])
        people = Person.objects.filter(pk__in=[one.person_id for one in colleagues])
        delegate = person_in(people, said["delegate"], "delegate", refusal)
        team = next((one.team for one in colleagues if one.person_id == delegate.pk), None)
        if team is None:
            raise RefusedError(refusal, "delegate")
        delegation = delegate_decisions(
            acting_user=person,
            team=team,
            delegate=delegate,
            starts_at=said["starts_at"],
            ends_at=said["expires_at"],
            now=get_request_time(request),
        )
        return _answer(request, delegation, status.HTTP_201_CREATED)


class EndView(APIView):
    @documented("end_delegation", "End a delegation", DelegationOut, takes=EmptyIn)
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        return _answer(
            request,
            end_delegation(
                acting_user=get_signed_in_person(request), delegation_id=pk, now=get_request_time(request)
            ),
        )


def _answer(request: Request, delegation: Delegation, code: int = status.HTTP_200_OK) -> Response:
    return Response(DelegationOut(delegation, context={"request": request}).data, code)
