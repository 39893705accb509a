"""Schema updates of registered tables: read and decide."""

from typing import Any

from django.urls import URLPattern
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.registrations.queries import get_registration
from catalog.registrations.schema_updates.effects import compute_update_hash
from catalog.registrations.schema_updates.kind import SCHEMA_UPDATE
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import list_schema_updates
from portal.api.decision_states import DecisionStateOut
from portal.api.fields import TextOut, TimeOut
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import OptionalReference, Reference, Resource
from portal.decisions.api import build_decision_urls
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
    state = DecisionStateOut(SCHEMA_UPDATE)
    registration = Reference()
    columns = RegisteredColumnOut(many=True)
    replaces = RegisteredColumnOut(many=True)
    storage = serializers.DictField(help_text="How the files are read; empty where no source says it.")
    replaces_storage = serializers.DictField(help_text="The one before, if it changes.")
    changes = TableChangeOut(many=True)
    is_breaking = serializers.BooleanField()
    is_proven = serializers.SerializerMethodField()
    effects_hash = serializers.SerializerMethodField()
    found_at = TimeOut(source="requested_at")
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


def build_verb_urls() -> list[URLPattern]:
    summaries = {
        "get_schema_update": "Get a schema update",
        "approve_schema_update": "Approve a schema update",
        "reject_schema_update": "Reject a schema update",
    }
    descriptions = {
        "approve_schema_update": "For data owners of the domain. Consumers of the table are notified."
    }
    return build_decision_urls(
        SCHEMA_UPDATE,
        SchemaUpdateOut,
        summaries=summaries,
        descriptions=descriptions,
        address="schema-updates",
    )
