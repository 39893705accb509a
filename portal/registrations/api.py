"""Registrations of producers' tables in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.products.models import Domain
from catalog.registrations.actions import except_registration, request_registration
from catalog.registrations.content import MAX_COLUMNS, MAX_TEXT_LENGTH, RegistrationContent, parse_columns
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.models import Registration
from catalog.registrations.queries import list_problems
from identity.accounts import ConnectedCatalog, Principal, named_arn
from identity.people.models import Person
from portal.api.decision_states import by_state
from portal.api.fields import EnumOut, ReferenceIn, TextOut
from portal.api.filters import ListFilters
from portal.api.openapi import documented
from portal.api.references import OptionalReference, Reference
from portal.api.serializers import StrictSerializer, read_body
from portal.decisions.api import (
    EffectsHashOut,
    ListApi,
    ProposalOut,
    answer_proposal,
    build_decision_urls,
)
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


class RegistrationFilters(ListFilters):
    state = by_state(REGISTRATION)


class RegisteredColumnOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    comment = TextOut()


class RegistrationOut(ProposalOut):
    """`state` is what people decided, `status` what is proven in AWS. Send `effects_hash` when you approve. `problems` say why
    it is not proven yet.
    """

    route = "api-registration"
    kind = REGISTRATION
    catalog = Reference()
    domain = Reference()
    producer = Reference()
    engineer = Reference()
    database = serializers.CharField()
    table = serializers.CharField()
    location = serializers.CharField()
    data_format = EnumOut(Registration.DataFormat.values)
    columns = RegisteredColumnOut(many=True)
    partition_keys = RegisteredColumnOut(many=True)
    description = TextOut()
    parameters = serializers.DictField(child=serializers.CharField())
    storage = serializers.DictField(
        help_text="How the files of the source are read, and under left_out the parameters that are not taken over."
    )
    purpose = serializers.CharField()
    exception_reason = TextOut()
    exception_by = OptionalReference()
    effects_hash = EffectsHashOut(REGISTRATION)
    problems = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))  # type: ignore[untyped-decorator]
    def get_problems(self, row: Registration) -> list[str]:
        return list_problems(row)


class RegisteredColumnIn(StrictSerializer):
    name = serializers.CharField()
    type = serializers.CharField()
    comment = serializers.CharField(required=False, allow_blank=True)


class RegistrationIn(StrictSerializer):
    """A table to register. The producer account is the one of the `engineer`, a role named by its ARN. `exception_reason` says
    why the location lies outside the account's gold location.
    """

    catalog = ReferenceIn()
    domain = ReferenceIn()
    engineer = ReferenceIn()
    database = serializers.CharField()
    table = serializers.CharField()
    location = serializers.CharField()
    data_format = serializers.ChoiceField(Registration.DataFormat.values, required=False)
    columns = serializers.ListField(child=RegisteredColumnIn(), max_length=MAX_COLUMNS)
    partition_keys = serializers.ListField(child=RegisteredColumnIn(), max_length=MAX_COLUMNS, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=MAX_TEXT_LENGTH)
    parameters = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    purpose = serializers.CharField(max_length=MAX_TEXT_LENGTH)
    exception_reason = serializers.CharField(required=False, allow_blank=True, max_length=MAX_TEXT_LENGTH)


class RegistrationExceptionIn(StrictSerializer):
    comment = serializers.CharField(max_length=MAX_TEXT_LENGTH)


class ExceptionsView(APIView):
    @documented(
        "create_registration_exception",
        "Approve a location outside the gold location",
        RegistrationOut,
        takes=RegistrationExceptionIn,
        description="For governance admins. The decision stays the data owner's.",
    )
    def post(self, request: Request, pk: int) -> Response:
        person, said = get_signed_in_person(request), read_body(RegistrationExceptionIn, request)
        except_registration(acting_user=person, pk=pk, now=get_request_time(request), **said)
        return answer_proposal(REGISTRATION, RegistrationOut, request, pk)


def _request(person: Person, said: Mapping[str, Any], now: datetime) -> Registration:
    """Names that belong to nothing become 0, which is refused at its member."""
    engineer = Principal.objects.filter(named_arn(said["engineer"]), gone_at=None).first()
    catalog = ConnectedCatalog.objects.filter(short_name=said["catalog"]).first()
    domain = Domain.objects.filter(slug=said["domain"]).first()
    rest = {
        name: said[name]
        for name in ("database", "table", "location", "purpose", "data_format", "description", "parameters")
        if name in said
    }
    content = RegistrationContent(
        catalog=catalog.pk if catalog else 0,
        domain=domain.pk if domain else 0,
        producer=engineer.account_id if engineer else 0,
        engineer=engineer.pk if engineer else 0,
        columns=parse_columns(said["columns"], "columns"),
        partition_keys=parse_columns(said.get("partition_keys", ()), "partition_keys"),
        exception_reason=said.get("exception_reason", ""),
        **rest,
    )
    return request_registration(acting_user=person, content=content, now=now)


urlpatterns = [
    *build_decision_urls(
        REGISTRATION,
        RegistrationOut,
        list_api=ListApi(
            filters=RegistrationFilters,
            takes=RegistrationIn,
            request=_request,
            described="Those of your domains; all for governance admins and auditors. Newest first.",
            create_described="A data owner of the domain decides. Nothing happens in AWS before.",
            members={"producer": "engineer"},
        ),
        summaries={
            "list_registrations": "List registrations",
            "create_registration": "Ask for the registration of a table",
            "get_registration": "Get a registration",
            "approve_registration": "Approve a registration",
            "reject_registration": "Reject a registration",
            "withdraw_registration": "Withdraw a registration that is not decided",
            "end_registration": "End a registration",
        },
        descriptions={
            "end_registration": "The engineers' role loses its access. The table and its data stay."
        },
    ),
    path("registrations/<int:pk>/exceptions", ExceptionsView.as_view(), name="api-registration-exceptions"),
]
