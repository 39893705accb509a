"""Tables that were created again: read, keep their grants, end them."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.views import APIView

from portal.api.endpoints import Endpoints
from portal.api.fields import EnumOut, TextOut, TimeOut
from portal.api.references import OptionalReference, Reference, Resource, refer_to
from portal.api.serializers import EffectsApprovalIn, ReasonIn
from portal.lists.api import list_endpoint
from portal.recreated_tables.lists import RecreatedTableList
from requests_app.recreated_tables.actions import end_recreated_table, keep_recreated_table
from requests_app.recreated_tables.comparison import Comparison
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.queries import (
    compare_left_grants,
    get_recreated_table,
)
from requests_app.recreated_tables.states import RecreatedTableState


class RecreatedTableOut(Resource):
    """A table that was deleted and created again under its name. `created_by` is empty where Glue does not say who created it."""

    route = "api-recreated-table"
    state = EnumOut(RecreatedTableState.values)
    table = Reference()
    created_by = TextOut(source="table.created_by")
    created_at = serializers.CharField(source="table.glue_created_at")
    found_at = TimeOut()
    decided_by = OptionalReference()
    decided_at = TimeOut(allow_null=True)
    is_by_rule = serializers.SerializerMethodField()
    comment = TextOut()

    def get_is_by_rule(self, row: RecreatedTable) -> bool:
        return row.by_rule_id is not None


class TableDifferenceOut(serializers.Serializer[Any]):
    """What happened to a column or fact, `name`."""

    what = serializers.CharField()
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ComparedGrantOut(serializers.Serializer[Any]):
    """`obstacles`: it names what differs, so it ends when the others are kept. `blockers`: it can't be kept before these are solved."""

    grant = serializers.SerializerMethodField()
    obstacles = serializers.ListField(child=serializers.CharField())
    blockers = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(Reference())  # type: ignore[untyped-decorator]
    def get_grant(self, row: Any) -> Any:
        return refer_to(row.grant, self.context["request"])


class RecreatedTableDetailOut(RecreatedTableOut):
    """With what differs, and the grants of earlier tables of the name that wait. Send `effects_hash` when you keep them; it is null
    once nothing waits.
    """

    effects_hash = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()
    grants = serializers.SerializerMethodField()

    @cached_property
    def comparison(self) -> Comparison:
        assert isinstance(self.instance, RecreatedTable)
        return compare_left_grants(self.instance)

    def get_effects_hash(self, row: RecreatedTable) -> str | None:
        return self.comparison.effects_hash if row.state == RecreatedTableState.OPEN else None

    @extend_schema_field(TableDifferenceOut(many=True))  # type: ignore[untyped-decorator]
    def get_differences(self, _row: RecreatedTable) -> Any:
        return TableDifferenceOut(self.comparison.changes, many=True).data

    @extend_schema_field(ComparedGrantOut(many=True))  # type: ignore[untyped-decorator]
    def get_grants(self, _row: RecreatedTable) -> Any:
        return ComparedGrantOut(self.comparison.grants, many=True, context=self.context).data


RECREATED_TABLES = Endpoints(RecreatedTableDetailOut, get_recreated_table, "recreated_table_id")


class RecreatedTablesView(APIView):
    get = list_endpoint(
        "list_recreated_tables",
        "List tables that were created again",
        RecreatedTableOut,
        RecreatedTableList,
        description="Those of your domains with grants on an earlier table of the name. Newest first.",
    )


class RecreatedTableView(APIView):
    get = RECREATED_TABLES.read("get_recreated_table", "Get a table that was created again")


class ApproveView(APIView):
    post = RECREATED_TABLES.act(
        "keep_recreated_table",
        "Keep the grants of a table that was created again",
        keep_recreated_table,
        defaults={"comment": ""},
        takes=EffectsApprovalIn,
        description="Binds the grants to the new table; those that name what differs end.",
    )


class EndView(APIView):
    post = RECREATED_TABLES.act(
        "end_recreated_table",
        "End the grants of a table that was created again",
        end_recreated_table,
        takes=ReasonIn,
    )
