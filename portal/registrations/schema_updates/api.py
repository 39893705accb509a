"""Schema updates of registered tables: read and decide."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.registrations.queries import get_registration
from catalog.registrations.schema_updates.actions import approve_schema_update, reject_schema_update
from catalog.registrations.schema_updates.effects import compute_update_hash
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import get_schema_update, list_schema_updates
from catalog.registrations.schema_updates.states import SchemaUpdateState
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.api.serializers import EffectsApprovalIn, ReasonIn, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.registrations.api import RegisteredColumnOut


class TableChangeOut(serializers.Serializer[Any]):
    what = serializers.CharField()
    name = TextOut()
    before = TextOut()
    after = TextOut()
    breaking = serializers.BooleanField()


class SchemaUpdateOut(Resource):
    """Columns and storage for a registered table, as the producer's table has them. `replaces` are the columns before, and
    `replaces_storage` the storage if it changes. Without a breaking change it is carried out by itself. Send `effects_hash` when you approve.
    """

    route = "api-schema-update"
    state = EnumOut(SchemaUpdateState.values)
    registration = Reference()
    columns = RegisteredColumnOut(many=True)
    replaces = RegisteredColumnOut(many=True)
    storage = serializers.DictField(help_text="How the files are read; empty where no source says it.")
    replaces_storage = serializers.DictField(help_text="The one before, if it changes.")
    changes = TableChangeOut(many=True)
    is_breaking = serializers.BooleanField()
    is_proven = serializers.SerializerMethodField()
    effects_hash = serializers.SerializerMethodField()
    found_at = TimeOut()
    decided_by = OptionalReference()
    decided_at = TimeOut(allow_null=True)
    comment = TextOut()

    @extend_schema_field(serializers.BooleanField())  # type: ignore[untyped-decorator]
    def get_is_proven(self, row: SchemaUpdate) -> bool:
        return row.table_intent is not None and row.table_intent.is_proven

    def get_effects_hash(self, row: SchemaUpdate) -> str:
        return row.effects_hash or compute_update_hash(row)


class SchemaUpdatesView(APIView):
    @documented(
        "list_schema_updates",
        "List the schema updates of a registration",
        listed(SchemaUpdateOut),
        parameters=LIST,
        description="Newest first.",
    )
    def get(self, request: Request, pk: int) -> Any:
        person = get_signed_in_person(request)
        rows = list_schema_updates(person).filter(registration=get_registration(person, pk))
        return answer_list(request, rows, SchemaUpdateOut)


class SchemaUpdateView(APIView):
    @documented("get_schema_update", "Get a schema update", SchemaUpdateOut)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)


class ApproveView(APIView):
    @documented(
        "approve_schema_update",
        "Approve a schema update",
        SchemaUpdateOut,
        takes=EffectsApprovalIn,
        description="For data owners of the domain. Consumers of the table are notified.",
    )
    def post(self, request: Request, pk: int) -> Response:
        said = read_body(EffectsApprovalIn, request)
        return _act(request, pk, approve_schema_update, {"comment": "", **said})


class RejectView(APIView):
    @documented("reject_schema_update", "Reject a schema update", SchemaUpdateOut, takes=ReasonIn)
    def post(self, request: Request, pk: int) -> Response:
        return _act(request, pk, reject_schema_update, read_body(ReasonIn, request))


def _act(request: Request, pk: int, action: Any, said: dict[str, Any]) -> Response:
    action(acting_user=get_signed_in_person(request), update_id=pk, now=get_request_time(request), **said)
    return _answer(request, pk)


def _answer(request: Request, pk: int) -> Response:
    found = get_schema_update(get_signed_in_person(request), pk)
    return Response(SchemaUpdateOut(found, context={"request": request}).data)
