"""Write requests: ask, read, decide, end."""

from typing import Any, ClassVar

from django.urls import URLPattern
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.accounts import Principal, named_arn
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from portal.api.decision_states import DecisionStateOut, by_state
from portal.api.fields import EndField, EnumOut, IdIn, ReferenceIn, TextOut, TimeOut
from portal.api.filters import ListFilters
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import StrictSerializer, read_body
from portal.decisions.api import answer_proposal, build_decision_urls
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.effects import compute_effects_hash
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.queries import get_problem, get_status, list_write_requests
from requests_app.write_access.states import WriteRequestStatus
from requests_app.write_access.targets import list_writers


class WriteRequestFilters(ListFilters):
    state = by_state(WRITE_REQUEST)


class WriteRequestOut(Resource):
    """`state` is what people decided, `status` what is proven in AWS. Send `effects_hash` when you approve. `problem` says why
    it is not proven yet.
    """

    route = "api-write-request"
    state = DecisionStateOut(WRITE_REQUEST)
    status = serializers.SerializerMethodField()
    table = Reference()
    domain = Reference()
    principal = Reference()
    verbs = serializers.ListField(child=EnumOut(WriteVerb.values))
    purpose = serializers.CharField()
    expires_at = TimeOut(source="ends_at")
    effects_hash = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField()
    requested_by = Reference()
    requested_at = TimeOut()
    decided_by = OptionalReference()
    decided_at = TimeOut(allow_null=True)
    comment = TextOut()
    ended_by = OptionalReference()
    ended_at = TimeOut(allow_null=True)
    end_reason = TextOut()

    @extend_schema_field(EnumOut(WriteRequestStatus.values))  # type: ignore[untyped-decorator]
    def get_status(self, row: WriteRequest) -> str:
        return get_status(row, clock.now()).value

    def get_effects_hash(self, row: WriteRequest) -> str:
        return row.effects_hash or compute_effects_hash(row)

    def get_problem(self, row: WriteRequest) -> str:
        return get_problem(row)


class WriteRequestIn(StrictSerializer):
    """Write access of a role, named by its ARN, to a table of your own domain. DESCRIBE comes with it; no rows are read."""

    table = IdIn()
    principal = ReferenceIn()
    verbs = serializers.ListField(child=serializers.ChoiceField(WriteVerb.values), max_length=3)
    purpose = serializers.CharField(max_length=MAX_TEXT_LENGTH)
    expires_at = EndField()


class WriteRequestsView(APIView):
    members: ClassVar = {"ends_at": "expires_at"}

    @documented(
        "list_write_requests",
        "List write requests",
        listed(WriteRequestOut),
        parameters=(*LIST, WriteRequestFilters),
        errors=(),
        description="Those of your domains; all for governance admins and auditors. Newest first.",
    )
    def get(self, request: Request) -> Any:
        rows = WriteRequestFilters.apply(
            list_write_requests(get_signed_in_person(request)), request.query_params
        )
        return answer_list(request, rows, WriteRequestOut)

    @documented(
        "create_write_request",
        "Request write access",
        WriteRequestOut,
        takes=WriteRequestIn,
        status=202,
        description="A data owner of the domain decides. Nothing happens in AWS before.",
    )
    def post(self, request: Request) -> Response:
        said = read_body(WriteRequestIn, request)
        made = request_write_access(
            acting_user=get_signed_in_person(request),
            table_id=said["table"],
            principal=_find_principal(get_signed_in_person(request), said["principal"]),
            verbs=said["verbs"],
            purpose=said["purpose"],
            ends_at=said["expires_at"],
            now=get_request_time(request),
        )
        return answer_proposal(WRITE_REQUEST, WriteRequestOut, request, made.pk, status.HTTP_202_ACCEPTED)


def build_verb_urls() -> list[URLPattern]:
    summaries = {
        "get_write_request": "Get a write request",
        "approve_write_request": "Approve write access",
        "reject_write_request": "Reject write access",
        "withdraw_write_request": "Withdraw a write request that is not decided",
        "end_write_access": "End write access",
    }
    return build_decision_urls(WRITE_REQUEST, WriteRequestOut, summaries=summaries)


def _find_principal(person: Person, arn: str) -> Principal:
    found = list_writers(person).filter(named_arn(arn)).first()
    if found is None:
        raise RefusedError(_("This role is unknown, or in no producer account of your teams."), "principal")
    return found
