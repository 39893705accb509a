"""Roles of an account that services take on, and who answers for each."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import clock
from identity.accounts.models import Principal
from portal.api.idempotency import KEY, once_a_key
from portal.api.openapi import documented
from portal.api.serializers import PrincipalOut
from portal.pages.signed_in import person_of
from requests_app.grants.service_roles import list_owner_candidates, list_service_roles, name_owner
from requests_app.grants.subgrants.queries import get_account


class ServiceRoleOut(PrincipalOut):
    """A role that services take on."""

    id = serializers.IntegerField()


class OwnerIn(serializers.Serializer[Any]):
    person = serializers.EmailField(help_text="of somebody of the account's team")


class ServiceRolesView(APIView):
    @documented("list_service_roles", "Roles of an account that services take on", ServiceRoleOut(many=True))
    def get(self, request: Request, account_id: str) -> Response:
        account = get_account(person_of(request), account_id)
        return Response(ServiceRoleOut(list_service_roles(account), many=True).data)


class OwnerView(APIView):
    @documented(
        "name_owner_of_service_role", "Say who answers for a service role", ServiceRoleOut, takes=OwnerIn,
        errors=(400, 404), parameters=(KEY,),
    )  # fmt: skip
    @once_a_key
    def post(self, request: Request, account_id: str, pk: int) -> Response:
        given = OwnerIn(data=request.data)
        given.is_valid(raise_exception=True)
        person, account = person_of(request), get_account(person_of(request), account_id)
        chosen = list_owner_candidates(account).filter(email__iexact=given.validated_data["person"]).first()
        role: Principal = name_owner(
            acting_user=person, account_id=account_id, principal_id=pk,
            person_id=chosen.pk if chosen else 0, now=clock.now(),
        )  # fmt: skip
        return Response(ServiceRoleOut(role).data)
