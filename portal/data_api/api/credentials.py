"""Temporary credentials for the files of a table, for services that read them without Athena."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from identity.service_tokens import ServiceToken, TokenScope
from portal.api.authentication import (
    IsPersonOrHasTokenScope,
    ServiceTokenAuthentication,
    SessionAuthentication,
)
from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, ReferenceIn, TextOut, TimeOut, optional
from portal.api.openapi import documented
from portal.api.references import Reference, Resource
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.data_queries.callers import Caller
from requests_app.table_credentials.actions import (
    CredentialRequest,
    collect_credentials,
    request_credentials,
    set_credential_limit,
)
from requests_app.table_credentials.may import get_limit_minutes
from requests_app.table_credentials.models import MIN_MINUTES, TableCredential
from requests_app.table_credentials.queries import get_own_credential
from requests_app.table_credentials.states import CredentialProblem, CredentialState


class DataView(APIView):
    """`token_scope` is what a token needs."""

    authentication_classes = (SessionAuthentication, ServiceTokenAuthentication)
    permission_classes = (IsPersonOrHasTokenScope,)


class CredentialsIn(StrictSerializer):
    """`table` is an id, or `database.table`. Without `duration_seconds`, as long as the product's owners allow, and never beyond your access."""

    table = ReferenceIn()
    principal = optional(serializers.CharField, max_length=600)
    duration_seconds = optional(serializers.IntegerField, min_value=MIN_MINUTES * 60)


class CredentialErrorOut(serializers.Serializer[TableCredential]):
    """`details` are AWS's own words."""

    code = EnumOut(CredentialProblem.values[1:], source="problem")
    detail = serializers.CharField(source="get_problem_display")
    details = TextOut(source="error")


class CredentialsOut(Resource):
    """Collect them once they are `ready`, within a minute; `expires_at` is when AWS ends them."""

    route = "api-credential"
    has_page = False
    data_product = Reference(source="product")
    table = Reference()
    principal = Reference()
    lifecycle = EnumOut(CredentialState.values, source="state")
    error = serializers.SerializerMethodField()
    duration_seconds = serializers.IntegerField(source="seconds")
    created_at = TimeOut(source="requested_at")
    expires_at = TimeOut(allow_null=True)

    def get_error(self, row: TableCredential) -> Any:
        return CredentialErrorOut(row).data if row.problem else None


class SecretOut(serializers.Serializer[Any]):
    """Keys for the S3 folders in `paths`. They are given once, and stored nowhere."""

    access_key_id = serializers.CharField()
    secret_access_key = serializers.CharField()
    session_token = serializers.CharField()
    expires_at = serializers.CharField()
    paths = serializers.ListField(child=serializers.CharField())
    region = serializers.CharField()


class CredentialLimitOut(serializers.Serializer[Any]):
    """0: the owners give no credentials."""

    minutes = serializers.IntegerField()


class CredentialLimitIn(StrictSerializer):
    minutes = serializers.IntegerField(min_value=0)


class CredentialView(DataView):
    token_scope = TokenScope.DATA_CREDENTIALS


class ProductCredentialsView(CredentialView):
    throttle_scope = "credentials"

    @documented(
        "create_credentials",
        "Request credentials for a table",
        CredentialsOut,
        takes=CredentialsIn,
        status=202,
        takes_key=False,
        description="A worker gets them from Lake Formation as your role, which must have access to the whole table. Needs a"
        " session, or a service token of the scope `data:credentials`.",
    )
    def post(self, request: Request, slug: str) -> Response:
        said, caller = read_body(CredentialsIn, request), get_caller(request)
        wanted = CredentialRequest(said["table"], said["principal"], said["duration_seconds"])
        made = request_credentials(caller=caller, slug=slug, wanted=wanted, now=get_request_time(request))
        own_credential = get_own_credential(caller, made.pk)
        answer = CredentialsOut(own_credential, context={"request": request}).data
        headers = {"Location": answer["url"], "Retry-After": "1"}
        return Response(answer, status.HTTP_202_ACCEPTED, headers=headers)


class SingleCredentialView(CredentialView):
    @documented("get_credentials", "Get the state of requested credentials", CredentialsOut)
    def get(self, request: Request, pk: int) -> Response:
        own_credential = get_own_credential(get_caller(request), pk)
        headers = {"Retry-After": "1"} if own_credential.state == CredentialState.WAITING else {}
        return Response(CredentialsOut(own_credential, context={"request": request}).data, headers=headers)


class CollectView(CredentialView):
    @documented(
        "collect_credentials",
        "Collect credentials",
        SecretOut,
        takes=EmptyIn,
        takes_key=False,
        description="Gives the secret once, and erases it.",
    )
    def post(self, request: Request, pk: int) -> Response:
        read_body(EmptyIn, request)
        secret = collect_credentials(
            caller=get_caller(request), credential_id=pk, now=get_request_time(request)
        )
        return Response(SecretOut(secret).data)


CREDENTIAL_LIMITS = Endpoints(
    CredentialLimitOut, lambda person, slug: {"minutes": get_limit_minutes(get_product(person, slug))}
)


class CredentialLimitView(APIView):
    get = CREDENTIAL_LIMITS.read("get_credential_limit", "Get how long credentials may last")

    patch = CREDENTIAL_LIMITS.act(
        "update_credential_limit",
        "Limit how long credentials last",
        set_credential_limit,
        takes=CredentialLimitIn,
        shows_result=True,
        description="For data owners. 15 to 360 minutes, or 0 for no credentials; an hour if nobody set another limit.",
    )


def get_caller(request: Request) -> Caller:
    if isinstance(request.auth, ServiceToken):
        return Caller(token=request.auth)
    return Caller(get_signed_in_person(request))
