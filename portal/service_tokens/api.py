"""Service tokens: make one, list them, revoke one."""

from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.people.models import Team
from identity.service_tokens import (
    MAX_NAME_LENGTH,
    ServiceToken,
    TokenScope,
    create_service_token,
    get_service_token,
    revoke_service_token,
)
from kernel.errors import RefusedError
from portal.api.endpoints import Endpoints
from portal.api.fields import EndField, ReferenceIn
from portal.api.openapi import documented
from portal.api.references import Resource, RowOut
from portal.api.serializers import StrictSerializer, read_body
from portal.lists.api import list_endpoint
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.service_tokens.lists import ServiceTokenList


class ServiceTokenOut(Resource, RowOut):
    """A token of a team's service. `hint` is the beginning of its secret; `last_used_at` is exact to a minute. It
    ends when who created it leaves the team, from `creator_left_at` on at the latest.
    """

    route = "api-token"
    has_page = False

    class Meta:
        model = ServiceToken
        fields = (
            "name",
            "team",
            "scopes",
            "hint",
            "created_by",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_by",
            "revoked_at",
            "creator_left_at",
        )

    scopes = serializers.ListField(child=serializers.CharField())


class NewServiceTokenOut(ServiceTokenOut):
    """`secret` is in this answer alone. Send it as `Authorization: Bearer <secret>`."""

    secret = serializers.SerializerMethodField()

    def get_secret(self, _row: ServiceToken) -> str:
        return str(self.context["secret"])


class ServiceTokenIn(StrictSerializer):
    team = ReferenceIn()
    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(TokenScope.values), min_length=1, max_length=len(TokenScope)
    )
    expires_at = EndField()


TOKENS = Endpoints(ServiceTokenOut, get_service_token, "token_id")


class ServiceTokensView(APIView):
    get = list_endpoint(
        "list_tokens",
        "List service tokens",
        ServiceTokenOut,
        ServiceTokenList,
        description="Those of your teams; all for governance admins and auditors. Newest first.",
    )

    @documented(
        "create_token",
        "Create a service token",
        NewServiceTokenOut,
        takes=ServiceTokenIn,
        status=201,
        takes_key=False,
        description="For data owners and account admins of the team. This answer alone holds the secret, so the call takes no"
        " `Idempotency-Key`: if the answer is lost, revoke the token and create another.",
    )
    def post(self, request: Request) -> Response:
        body = read_body(ServiceTokenIn, request)
        team = Team.objects.filter(slug=body["team"]).first()
        if team is None:
            raise RefusedError(_("There is no such team."), "team")
        service_token = create_service_token(
            acting_user=get_signed_in_person(request),
            team_id=team.pk,
            name=body["name"],
            scopes=body["scopes"],
            expires_at=body["expires_at"],
            now=get_request_time(request),
        )
        context = {"request": request, "secret": service_token.secret}
        return Response(
            NewServiceTokenOut(service_token.token, context=context).data, status.HTTP_201_CREATED
        )


class ServiceTokenView(APIView):
    get = TOKENS.read("get_token", "Get a service token")


class RevokeView(APIView):
    post = TOKENS.act("revoke_token", "Revoke a service token", revoke_service_token)
